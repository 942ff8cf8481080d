/* Surfaces have as many pixels as the screen; Plotly takes four times as many where the screen's are large.
   When surfaces and charts change together, the surfaces are painted first: charts wait for a few frames, in
   which the surfaces are drawn, composed and seen. Graphs of a view that is hidden are not made until it is seen. */
(function () {
  "use strict";

  window.Plotly.setPlotConfig({ plotGlPixelRatio: Math.min(2, Math.max(1, window.devicePixelRatio)) });

  const react = window.Plotly.react;
  const FRAMES = 3;
  const LONGEST = 3000; // milliseconds; a page in the background paints no frames
  let painted = null;

  const frames = () =>
    new Promise((done) => {
      window.setTimeout(done, LONGEST);
      // not in the frame's own callback, which would hold the frame
      const after = (count) => window.requestAnimationFrame(() => (count > 1 ? after(count - 1) : window.setTimeout(done)));
      after(FRAMES);
    });

  /* Once there is no surface that has not been painted. */
  async function settled() {
    while (painted) {
      await painted;
    }
  }

  window.batchscape = Object.assign(window.batchscape || {}, { settled: settled });

  function surface(draw) {
    const drawn = draw(); // takes long the first time: what is counted from here begins after it
    const mine = frames().then(() => {
      if (painted === mine) {
        painted = null;
      }
    });
    painted = mine;
    return drawn;
  }

  /* Dash has every graph measured anew, and so drawn twice, right after it was drawn for the first time. */
  const resize = window.Plotly.Plots.resize;
  window.Plotly.Plots.resize = function (plot) {
    const size = plot._fullLayout;
    const fits = size && size.width === plot.clientWidth && size.height === plot.clientHeight;
    return fits ? Promise.resolve(plot) : resize(plot);
  };

  const shown = (view) =>
    new Promise((done) => {
      const watch = new MutationObserver(() => {
        if (!view.hidden) {
          watch.disconnect();
          done();
        }
      });
      watch.observe(view, { attributes: true, attributeFilter: ["hidden"] });
    });

  window.Plotly.react = function (plot, figure, ...more) {
    const draw = () => react.call(this, plot, figure, ...more);
    const layout = (figure && figure.layout) || more[0];
    const data = (figure && figure.data) || figure;
    const away = plot._fullLayout || (data && data.length) ? null : plot.closest(".view[hidden]");
    if (away) {
      return shown(away).then(draw);
    }
    if (layout && layout.scene) {
      return surface(draw);
    }
    return painted ? settled().then(draw) : draw();
  };
})();
