// Counts the WebGL contexts of a page that are alive: `window.liveContexts()`.
(() => {
    const made = [], real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        const context = real.call(this, kind, ...more);
        if (context && /webgl/.test(kind) && !made.includes(context)) made.push(context);
        return context;
    };
    window.liveContexts = () => made.filter(context => !context.isContextLost()).length;
})();
