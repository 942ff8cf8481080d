"""What runs in the page while `page.py` measures it."""

from pathlib import Path

CONTEXTS = (Path(__file__).parents[1] / "tests/browser/count_contexts.js").read_text(encoding="utf-8")
"""Counts the WebGL contexts that are alive."""

WATCH = """(() => {
    const seen = window.seen = {lcp: 0, what: '', cls: 0, live: 0, complete: 0};
    new PerformanceObserver(list => list.getEntries().forEach(entry => {
        seen.lcp = entry.startTime; seen.what = entry.element ? entry.element.tagName : '';
        seen.at = [...(seen.at || []), [entry.startTime, entry.element && entry.element.tagName, entry.size]];
    })).observe({type: 'largest-contentful-paint', buffered: true});
    new PerformanceObserver(list => list.getEntries().forEach(entry => {
        if (!entry.hadRecentInput) seen.cls += entry.value;
    })).observe({type: 'layout-shift', buffered: true});
    const look = () => {
        const drawn = ['loss', 'slope'].every(name => {
            const plot = document.querySelector(`#compare-${name} .js-plotly-plot`);
            const scene = plot && plot.data && plot.data.length && plot._fullLayout && plot._fullLayout.scene;
            return scene && scene._scene && scene._scene.glplot && Object.keys(scene._scene.traces).length;
        });
        const note = what => requestAnimationFrame(() => { seen[what] ||= performance.now(); });
        if (drawn && !seen.live) requestAnimationFrame(() => note('live'));
        if (drawn && window.isComplete()) note('complete');
        else requestAnimationFrame(look);
    };
    window.fourPanels = () => ['loss', 'slope', 'minima', 'nngpps'].map(name =>
        document.querySelector(`#compare-${name} .js-plotly-plot`));
    window.isComplete = () => document.getElementById('busy')?.className === 'idle'
        && !document.querySelector('[data-dash-is-loading], #main[aria-busy=true]')
        && window.fourPanels().every(plot => plot && plot.data && plot.data.length && plot._fullLayout);
    requestAnimationFrame(look);
})()"""

STEP = """([key]) => new Promise(done => {
    const plots = ['loss', 'slope'].map(name => document.querySelector(`#compare-${name} .js-plotly-plot`));
    const old = plots.map(plot => plot.data[0].z);
    const start = performance.now();
    const look = () => {
        const fresh = plots.every((plot, index) => plot.data.length && plot.data[0].z !== old[index]
            && plot._fullLayout.scene._scene.fullSceneLayout && plot._fullData[0]._input === plot.data[0]);
        if (fresh) requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    const thumb = document.querySelector('#batch_size [role=slider]');
    thumb.focus();
    thumb.dispatchEvent(new KeyboardEvent('keydown', {key: key, bubbles: true}));
    thumb.dispatchEvent(new KeyboardEvent('keyup', {key: key, bubbles: true}));
})"""


ORACLE = """() => new Promise(done => {
    const start = performance.now();
    document.getElementById('oracle-step').click();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""

RACES = """() => new Promise(done => {
    const start = performance.now();
    document.querySelector('#stage input[value=many]').click();
    const seen = {};
    const look = () => {
        const cells = [...document.querySelectorAll('#race-rates td')].map(one => one.textContent);
        if (!seen.first && cells.some(words => /\\(\\d/.test(words))) seen.first = performance.now() - start;
        if (seen.first && !cells.includes('…')) {
            requestAnimationFrame(() => requestAnimationFrame(() => done([seen.first, performance.now() - start])));
        } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""

PRESS = """([selector, typed]) => new Promise(done => {
    const content = () => window.fourPanels().map(plot => plot.data[0]);
    const old = content();
    const control = document.querySelector(selector);
    const start = performance.now();
    const look = () => {
        const fresh = content().every((trace, index) => trace !== old[index]);
        if (fresh && window.isComplete()) requestAnimationFrame(() => done(performance.now() - start));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    if (!typed) control.click();
    else {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(control, typed);
        control.dispatchEvent(new Event('input', {bubbles: true}));
        requestAnimationFrame(() => control.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})));
    }
})"""

COUNT = """() => {
    const painted = {lines: 0, surfaces: 0}, start = performance.now();
    const chart = document.querySelector('#compare-minima .svg-container');
    const seen = new MutationObserver(() => { painted.lines += 1; }); // told once of all that a frame has changed
    seen.observe(chart, {subtree: true, childList: true, attributes: true, attributeFilter: ['width']});
    const plot = document.querySelector('#compare-slope .js-plotly-plot')._fullLayout.scene._scene.glplot;
    const redraw = plot.redraw;
    plot.redraw = (...more) => { painted.surfaces += 1; return redraw(...more); };
    window.countedFrames = () => {
        const seconds = (performance.now() - start) / 1000;
        seen.disconnect();
        plot.redraw = redraw;
        return {lines: Math.round(10 * painted.lines / seconds) / 10,
            surfaces: Math.round(10 * painted.surfaces / seconds) / 10};
    };
}"""
