/* Browsers keep few WebGL contexts, so only the view that is seen has some: the surfaces of a view that is hidden are taken
   down, and come back with it. */
(function () {
  "use strict";

  const kept = new WeakMap(); // what a graph showed before it was taken down
  const PATIENCE = 1500; // milliseconds for an answer of the server, which makes the old picture needless

  const graphs = (view) =>
    [...view.querySelectorAll(".js-plotly-plot")].filter((plot) => plot._fullLayout && plot._fullLayout.scene);

  /* End those of canvases that are no longer in the page. */
  function end(canvases) {
    for (const canvas of canvases) {
      if (!canvas.isConnected) {
        const context = canvas.getContext("webgl") || canvas.getContext("webgl2");
        const ending = context && context.getExtension("WEBGL_lose_context");
        if (ending) {
          ending.loseContext();
        }
      }
    }
  }

  function takeDown(plot) {
    const canvases = [...plot.querySelectorAll("canvas")];
    kept.set(plot, { data: plot.data, layout: plot.layout });
    window.Plotly.react(plot, [], {}).then(() => end(canvases));
  }

  function bringBack(view) {
    window.setTimeout(() => {
      for (const plot of view.querySelectorAll(".js-plotly-plot")) {
        const before = kept.get(plot);
        kept.delete(plot);
        if (before && !view.hidden && !(plot.data && plot.data.length)) {
          window.Plotly.react(plot, before.data, before.layout);
        }
      }
    }, PATIENCE);
  }

  window.batchscape = Object.assign(window.batchscape || {}, { endContexts: end });

  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.classList.contains("view") && window.Plotly) {
        if (target.hidden) {
          graphs(target).forEach(takeDown);
        } else {
          bringBack(target);
        }
      }
    }
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["hidden"], subtree: true });
})();
