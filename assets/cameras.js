/* One camera for all surfaces. */
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
    window.batchscape.cameraMoved();
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

  const EYE = { x: 1.12, y: -1.34, z: 0.78 };
  const LENGTH = Math.hypot(EYE.x, EYE.y, EYE.z);

  /* Where a surface is seen from as it comes from the server; such a camera needs no place in the link. */
  function home(plot) {
    const below = plot.layout.scene.uirevision === "below";
    const eye = below ? { x: EYE.x, y: EYE.y, z: -EYE.z } : EYE;
    return { eye: eye, center: { x: 0.04, y: 0, z: -0.12 }, up: { x: 0, y: 0, z: 1 } };
  }

  /* Where the buttons look from; above and below keep the side. */
  const VIEWS = {
    "from-front": () => EYE,
    "from-above": (eye) => ({ x: eye.x, y: eye.y, z: Math.abs(eye.z) || EYE.z }),
    "from-below": (eye) => ({ x: eye.x, y: eye.y, z: -(Math.abs(eye.z) || EYE.z) }),
    "along-d1": () => ({ x: LENGTH, y: 0, z: 0.12 }),
  };

  /* Turn all surfaces by angles, in radians: around the upright axis, and up. */
  function rotate(around, up) {
    const first = plots()[0];
    if (!first) {
      return;
    }
    const camera = state.camera || first._fullLayout.scene.camera;
    const eye = camera.eye;
    const length = Math.hypot(eye.x, eye.y, eye.z);
    const azimuth = Math.atan2(eye.y, eye.x) + around;
    const height = Math.max(-1.5, Math.min(1.5, Math.asin(eye.z / length) + up));
    const flat = length * Math.cos(height);
    const next = { x: flat * Math.cos(azimuth), y: flat * Math.sin(azimuth), z: length * Math.sin(height) };
    turn(Object.assign({}, camera, { eye: next }), null);
  }

  /* A camera in a link: the eye and what it looks at, six numbers. */
  const numbers = (camera) =>
    [camera.eye, camera.center || {}].flatMap((point) => ["x", "y", "z"].map((axis) => +(point[axis] || 0).toFixed(3)));

  function fromLink(text) {
    const given = (text || "").split(",").map(Number);
    if (given.length !== 6 || !given.every(Number.isFinite)) {
      return null;
    }
    const point = (at) => ({ x: given[at], y: given[at + 1], z: given[at + 2] });
    return { eye: point(0), center: point(3), up: { x: 0, y: 0, z: 1 } };
  }

  function toLink() {
    const text = state.camera ? numbers(state.camera).join(",") : "";
    const first = plots()[0];
    return first && text === numbers(home(first)).join(",") ? "" : text;
  }

  window.batchscape = Object.assign(window.batchscape || {}, {
    rotate: rotate,
    cameraLink: toLink,
    setCamera: function (text) {
      const camera = fromLink(text);
      if (camera) {
        turn(camera, null);
      } else {
        const shown = plots();
        state.camera = shown.length ? home(shown[0]) : null;
        Promise.all(shown.map((plot) => window.Plotly.relayout(plot, { "scene.camera": state.camera }))).then(() => {
          state.camera = null; // that needs no place in the link
        });
      }
    },
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    camera: function () {
      const asked = window.dash_clientside.callback_context.triggered_id;
      const shown = plots();
      if (shown.length > 0) {
        const first = home(shown[0]);
        if (asked === "reset") {
          turn(first, null);
        } else {
          const now = state.camera || first;
          turn(Object.assign({}, now, { eye: VIEWS[asked](now.eye) }), null);
        }
      }
      return window.dash_clientside.no_update;
    },
  });
})();
