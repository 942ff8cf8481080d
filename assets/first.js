/* What was seen before the scripts ran goes as soon as what it stands for is there. */
(function () {
  "use strict";

  const SURFACES = ["compare-loss", "compare-slope"];
  const PATIENCE = 30000; // milliseconds after which it goes whatever has come
  const first = document.getElementById("first");
  if (!first) {
    return;
  }

  const drawn = new Set();
  const bound = new Set();
  const watch = new MutationObserver(look);

  function end() {
    watch.disconnect();
    first.remove();
  }

  function look() {
    if (!document.querySelector("#react-entry-point .page")) {
      return;
    }
    if (!first.classList.contains("live")) {
      first.classList.add("live");
      first.querySelectorAll("h1, h2, header, main, aside").forEach((part) => part.setAttribute("aria-hidden", "true"));
      window.setTimeout(end, PATIENCE);
    }
    const view = document.getElementById("view-compare");
    if (!first.querySelector("picture") || (view && view.hidden)) {
      end();
      return;
    }
    for (const name of SURFACES) {
      const plot = document.querySelector(`#${name} .js-plotly-plot`);
      if (plot && plot.on && !bound.has(name)) {
        bound.add(name);
        plot.on("plotly_afterplot", () => arrived(name, plot));
        arrived(name, plot);
      }
    }
  }

  /* A frame more: the canvas is painted after the event. */
  function arrived(name, plot) {
    if (plot.data && plot.data.length) {
      drawn.add(name);
      if (drawn.size === SURFACES.length) {
        window.requestAnimationFrame(() => window.requestAnimationFrame(end));
      }
    }
  }

  watch.observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["hidden"], attributes: true });
  look();
})();
