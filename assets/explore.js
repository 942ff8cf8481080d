/* Explore: the point under the mouse is shown on both surfaces and the map, and read out when the mouse rests. */
(function () {
  "use strict";

  const NAMES = ["loss", "slope", "map"];
  const state = { bound: new WeakSet(), rest: 0, waiting: false, at: null };

  const plot = (name) => document.querySelector(`#explore-${name} .js-plotly-plot`);

  /* The height of a surface over the grid point that is nearest to a place. */
  function height(surface, at) {
    const full = surface._fullData[0];
    const nearest = (axis, place) => {
      let best = 0;
      for (let index = 1; index < axis.length; index += 1) {
        if (Math.abs(axis[index] - place) < Math.abs(axis[best] - place)) {
          best = index;
        }
      }
      return best;
    };
    return full.z[nearest(full.y, at[1])][nearest(full.x, at[0])];
  }

  /* The mark of the point is the last trace of each surface; a drawing at a time, the latest place wins. */
  async function mark() {
    if (state.waiting) {
      return;
    }
    state.waiting = true;
    try {
      while (state.at) {
        const at = state.at;
        state.at = null;
        for (const name of ["loss", "slope"]) {
          const surface = plot(name);
          const last = surface && surface.data ? surface.data.length - 1 : 0;
          if (last > 0 && surface.offsetParent !== null) {
            await window.Plotly.restyle(surface, { x: [[at[0]]], y: [[at[1]]], z: [[height(surface, at)]] }, [last]);
          }
        }
      }
    } finally {
      state.waiting = false;
    }
  }

  function hovered(name, event) {
    const point = event.points && event.points[0];
    if (!point || point.x === undefined) {
      return;
    }
    const at = [point.x, point.y];
    const map = plot("map");
    if (name !== "map" && map && map._fullLayout) {
      window.Plotly.Fx.hover(map, [{ xval: at[0], yval: at[1] }], ["xy"]);
    }
    state.at = at;
    mark();
    window.clearTimeout(state.rest);
    state.rest = window.setTimeout(() => window.dash_clientside.set_props("hovered", { data: at }), 150);
  }

  new MutationObserver(() => {
    for (const name of NAMES) {
      const one = plot(name);
      if (one && one.on && !state.bound.has(one)) {
        state.bound.add(one);
        one.on("plotly_hover", (event) => (event.event || name !== "map") && hovered(name, event));
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    /* Only what was done to the line. */
    dragged: function (change) {
      const line = change && Object.keys(change).some((name) => name.startsWith("shapes[0]."));
      return line ? change : window.dash_clientside.no_update;
    },
  });
})();
