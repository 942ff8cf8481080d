/* Scenes as maps of the same numbers: where the browser has no WebGL, and on a phone until 3-D is asked for. There a finger
   scrolls the page, over charts too. Where there is room for less than its width, a scene is smaller. */
(function () {
  "use strict";

  const PHONE = window.matchMedia("(max-width: 900px) and (pointer: coarse)");
  const MAP = "map of a scene";
  const MISSING = "This browser has no WebGL, so surfaces are shown as maps of the same numbers.";

  const WIDE = 1.7; // times its height is a scene's width, with its ticks and colour bar
  const BENEATH = "#ffffff"; // curves that lie on an underside

  const react = window.Plotly.react;
  const given = new WeakMap(); // the scene that a graph was to show
  const turned = new WeakSet(); // graphs that are to show theirs in 3-D

  let able = null;
  function webgl() {
    if (able === null) {
      const canvas = document.createElement("canvas");
      able = Boolean(canvas.getContext("webgl"));
      window.batchscape.endContexts([canvas]);
    }
    return able;
  }

  function heatmap(surface, below) {
    const { len, x, xanchor, ...bar } = surface.colorbar || {};
    return {
      type: "heatmap",
      name: surface.name,
      x: surface.x,
      y: surface.y,
      z: below ? surface.surfacecolor : surface.z,
      zmin: surface.cmin,
      zmax: surface.cmax,
      colorscale: surface.colorscale,
      showscale: surface.showscale !== false,
      colorbar: bar,
      hoverinfo: surface.hoverinfo,
      hovertemplate: surface.hovertemplate,
    };
  }

  const zero = (surface) => ({
    type: "contour",
    name: "zero",
    x: surface.x,
    y: surface.y,
    z: surface.z,
    autocontour: false,
    contours: { start: 0, end: 0, size: 1, coloring: "lines", showlabels: false },
    colorscale: [
      [0, "#000000"],
      [1, "#000000"],
    ],
    line: { width: 1.2 },
    showscale: false,
    hoverinfo: "skip",
  });

  function curve(one) {
    const { z, ...flat } = one;
    return Object.assign(flat, { type: "scatter", line: Object.assign({}, one.line, { width: one.line.width / 2 }) });
  }

  /* A scene is as large as its height; where it would be wider than its graph, it is drawn smaller. */
  function fitted(scene, plot) {
    const { clientWidth, clientHeight } = plot;
    const share = clientHeight ? Math.min(1, clientWidth / clientHeight / WIDE) : 1;
    const { x, y, z } = scene.aspectratio; // as it was sent, x is 1; Dash and others hand a drawn scene back
    return Object.assign({}, scene, { aspectratio: { x: share, y: (y / x) * share, z: (z / x) * share } });
  }

  /* The first surface, or what is to be seen from below; curves lie on it. */
  function map(figure) {
    const { scene, ...layout } = figure.layout;
    const surfaces = figure.data.filter((one) => one.type === "surface" && one.visible !== false && !one.hidesurface);
    const underside = scene.uirevision === "below" && surfaces.find((one) => one.surfacecolor);
    const shown = underside || surfaces[0];
    const data = shown ? [heatmap(shown, Boolean(underside))] : [];
    if (shown && !underside && shown.contours && shown.contours.z && shown.contours.z.show) {
      data.push(zero(shown));
    }
    const axis = ({ color, title }) => ({
      color: color,
      title: Object.assign({ standoff: 2 }, title),
      showgrid: false,
      zeroline: false,
      automargin: true,
    });
    const curves = figure.data.filter((one) => one.type === "scatter3d" && (underside || one.line.color !== BENEATH));
    return Object.assign({}, figure, {
      data: [...data, ...curves.map(curve)],
      layout: Object.assign(layout, {
        meta: MAP,
        margin: { l: 8, r: 8, t: 8, b: 4 },
        xaxis: axis(scene.xaxis),
        yaxis: axis(scene.yaxis),
        dragmode: "zoom",
      }),
    });
  }

  /* One sentence above the pictures of a view that shows maps for want of WebGL. */
  function explain() {
    if (!document.querySelector(".no-webgl")) {
      const told = document.createElement("p");
      told.className = "no-webgl";
      told.textContent = MISSING;
      document.getElementById("main").prepend(told);
    }
  }

  /* What a graph shows its scene as, and the button that changes it. */
  function mark(plot, shown) {
    const panel = plot.closest(".panel");
    if (!panel) {
      return;
    }
    panel.dataset.scene = shown;
    let button = panel.querySelector(".turn");
    if (shown && PHONE.matches && webgl() && !button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "turn";
      button.setAttribute("aria-describedby", panel.getAttribute("aria-labelledby"));
      button.addEventListener("click", () => turn(plot));
      panel.append(button);
    }
    if (button) {
      button.hidden = !shown;
      button.textContent = shown === "map" ? "3-D" : "Map";
    }
  }

  function turn(plot) {
    const canvases = [...plot.querySelectorAll("canvas")];
    if (!turned.delete(plot)) {
      turned.add(plot);
    }
    window.Plotly.react(plot, given.get(plot)).then(() => window.batchscape.endContexts(canvases));
  }

  window.Plotly.react = function (plot, data, layout, config) {
    const asked = Array.isArray(data) ? { data: data, layout: layout, config: config } : data;
    let figure = Object.assign({}, asked, { layout: asked.layout || {} });
    if (figure.layout.scene) {
      given.set(plot, figure);
      const flat = !webgl() || (PHONE.matches && !turned.has(plot));
      if (flat) {
        figure = map(figure);
      } else {
        const layout = Object.assign({}, figure.layout, { scene: fitted(figure.layout.scene, plot) });
        figure = Object.assign({}, figure, { layout: layout });
      }
      mark(plot, flat ? "map" : "scene");
      if (!webgl()) {
        explain();
      }
    } else if (figure.layout.meta !== MAP) {
      mark(plot, "");
    }
    if (PHONE.matches && !figure.layout.scene) {
      figure = Object.assign({}, figure, { layout: Object.assign({}, figure.layout, { dragmode: false }) });
    }
    return react.call(this, plot, figure);
  };

  const resize = window.Plotly.Plots.resize;
  window.Plotly.Plots.resize = function (plot) {
    if (plot.clientHeight && plot.layout && plot.layout.scene) {
      plot.layout.scene = fitted(plot.layout.scene, plot); // Plotly lays out anew from it
    }
    return resize(plot);
  };
})();
