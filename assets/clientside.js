/* What happens in the browser alone: one camera for all surfaces, light and dark, which view is visible. */
(function () {
  "use strict";

  const GRAPHS = ".panel .js-plotly-plot";
  const state = { camera: null, linked: new WeakSet(), wheel: 0 };

  const plots = () =>
    [...document.querySelectorAll(GRAPHS)].filter(
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

  const sameEye = (one, other) =>
    Boolean(one.eye) && ["x", "y", "z"].every((axis) => Math.abs(one.eye[axis] - other.eye[axis]) < 1e-6);

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
    /* The wheel changes one surface without telling; the others follow when it rests. */
    plot.addEventListener("wheel", () => {
      window.clearTimeout(state.wheel);
      state.wheel = window.setTimeout(() => {
        const scene = plot._fullLayout && plot._fullLayout.scene && plot._fullLayout.scene._scene;
        if (scene && scene.getCamera) {
          turn(scene.getCamera(), plot);
        }
      }, 200);
    });
    /* A surface that is drawn for the first time, or again after it was hidden, takes the common camera. */
    plot.on("plotly_afterplot", () => {
      const side = plot.layout && plot.layout.scene && plot.layout.scene.uirevision;
      if (side && side !== plot.batchscapeSide) {
        // another picture, which brings a camera of its own
        const known = plot.batchscapeSide;
        plot.batchscapeSide = side;
        if (known) {
          state.camera = null;
        }
      }
      const own = plot._fullLayout && plot._fullLayout.scene && plot._fullLayout.scene.camera;
      if (state.camera && own && plot.offsetParent !== null && !sameEye(own, state.camera)) {
        window.Plotly.relayout(plot, { "scene.camera": state.camera });
      }
    });
  }

  /* Graphs appear some time after their figures arrive. */
  new MutationObserver(() => {
    for (const plot of document.querySelectorAll(GRAPHS)) {
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
      camera: function () {
        const asked = window.dash_clientside.callback_context.triggered_id;
        const shown = plots();
        if (shown.length > 0) {
          const first = shown[0].layout.scene.camera;
          const now = asked === "reset" || !state.camera ? first : state.camera;
          turn(flipped(now, asked === "from-below"), null);
        }
        return window.dash_clientside.no_update;
      },

      arrived: function (computed) {
        window.dash_clientside.set_props("arrived", { data: computed });
        return window.dash_clientside.no_update;
      },

      theme: function (clicks, kept) {
        const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
        const now = kept || system;
        const theme = clicks ? (now === "dark" ? "light" : "dark") : now;
        return [theme, theme, theme === "dark" ? "Light" : "Dark"];
      },

      show: function (view, boxes) {
        const context = window.dash_clientside.callback_context;
        const link = new URLSearchParams(window.location.search);
        const linked = link.has("figure") ? "figures" : link.get("view");
        // not on opening the page, when the link has yet to be followed
        if (window.location.search && context.triggered.length > 0 && view !== linked) {
          window.history.replaceState(null, "", window.location.pathname); // the link is no longer what is shown
        }
        return context.outputs_list.map((output) =>
          output.id in boxes ? !boxes[output.id].includes(view) : output.id !== "view-" + view
        );
      },

      cancelled: function () {
        return "Cancelled. The pictures show an earlier choice.";
      },
    },
  });
})();
