/* Explore: the point under the mouse is shown on both surfaces and the map, and read out when the mouse rests. It stays when
   they are drawn again, with what is there then. */
(function () {
  "use strict";

  const NAMES = ["loss", "slope", "map"];
  const state = { bound: new WeakSet(), rest: 0, waiting: false, at: null, last: null };

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
    show(at);
  }

  function show(at) {
    state.at = state.last = at;
    mark();
    window.clearTimeout(state.rest);
    state.rest = window.setTimeout(() => window.dash_clientside.set_props("hovered", { data: at }), 150);
  }

  /* A picture that is drawn again has lost its mark; a smaller plane may have lost the place. */
  function again(one) {
    const drawn = state.last && one._fullData && one._fullData[0];
    if (!drawn || !drawn.x) {
      return;
    }
    const reach = drawn.x[drawn.x.length - 1];
    if (state.last.every((place) => Math.abs(place) <= reach)) {
      show(state.last);
    } else {
      state.last = null;
    }
  }

  new MutationObserver(() => {
    for (const name of NAMES) {
      const one = plot(name);
      if (one && one.on && !state.bound.has(one)) {
        state.bound.add(one);
        one.on("plotly_hover", (event) => (event.event || name !== "map") && hovered(name, event));
        one.on("plotly_react", () => again(one));
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
