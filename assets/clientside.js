/* What happens in the browser alone: one camera for all surfaces, light and dark, which view is visible. */
(function () {
  "use strict";

  const state = { camera: null, linked: new WeakSet() };

  const plots = () =>
    [...document.querySelectorAll(".panel.surface .js-plotly-plot")].filter(
      (plot) => plot._fullLayout && plot._fullLayout.scene && plot.offsetParent !== null
    );

  /* Turn every surface to one camera; `except` is the one that is being turned by hand. */
  function turn(camera, except) {
    state.camera = camera;
    for (const plot of plots()) {
      if (plot !== except) {
        window.Plotly.relayout(plot, { "scene.camera": camera });
      }
    }
  }

  /* While a surface is dragged the others follow at once, without a full layout pass. This uses what Plotly does not
     document; if it is gone, the others follow when the mouse is released. */
  function follow(camera, leader) {
    for (const plot of plots()) {
      const scene = plot._fullLayout.scene._scene;
      if (plot !== leader && scene && scene.setViewport) {
        scene.setViewport(Object.assign({}, plot._fullLayout.scene, { camera: camera }));
      }
    }
  }

  function link(plot) {
    if (state.linked.has(plot)) {
      return;
    }
    state.linked.add(plot);
    plot.on("plotly_relayouting", (change) => {
      if (change && change["scene.camera"]) {
        follow(change["scene.camera"], plot);
      }
    });
    plot.on("plotly_relayout", (change) => {
      const camera = change && change["scene.camera"];
      // an answer to our own relayout carries the camera that we set
      if (camera && JSON.stringify(camera) !== JSON.stringify(state.camera)) {
        turn(camera, plot);
      }
    });
    /* A surface that is drawn for the first time, or again after it was hidden, takes the common camera. */
    plot.on("plotly_afterplot", () => {
      const own = plot._fullLayout && plot._fullLayout.scene && plot._fullLayout.scene.camera;
      if (state.camera && own && plot.offsetParent !== null && own.eye.z !== state.camera.eye.z) {
        window.Plotly.relayout(plot, { "scene.camera": state.camera });
      }
    });
  }

  /* Graphs appear some time after their figures arrive. */
  new MutationObserver(() => {
    for (const plot of document.querySelectorAll(".panel.surface .js-plotly-plot")) {
      if (plot.on) {
        link(plot);
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  function flipped(camera, below) {
    const eye = Object.assign({}, camera.eye);
    eye.z = (below ? -1 : 1) * Math.abs(eye.z || 0.74);
    return Object.assign({}, camera, { eye: eye });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    batchscape: {
      camera: function (where) {
        const shown = plots();
        if (shown.length > 0) {
          turn(flipped(state.camera || shown[0]._fullLayout.scene.camera, where === "below"), null);
        }
        return window.dash_clientside.no_update;
      },

      theme: function (clicks, kept) {
        const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
        const now = kept || system;
        const theme = clicks ? (now === "dark" ? "light" : "dark") : now;
        return [theme, theme, theme === "dark" ? "Light" : "Dark"];
      },

      show: function (view) {
        const boxes = window.dash_clientside.callback_context.outputs_list
          .filter((output) => output.id.startsWith("view-"))
          .map((output) => output.id !== "view-" + view);
        return [...boxes, view !== "moments"];
      },

      cancelled: function () {
        return "Cancelled. The pictures show the choice before.";
      },
    },
  });
})();
