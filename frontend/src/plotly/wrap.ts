/** The one place where Plotly is wrapped. */
import { unpackTrace } from "../wire/grids.ts";
import { keepFaint, withLegendRow } from "./legend_row.ts";
import { paintSurface } from "./painting.ts";
import { keepScale, watchScale } from "./scale.ts";
import { fitScene, sceneOrMap } from "./scenes.ts";
import { fitMap } from "./square.ts";

const viewShown = (view: HTMLElement) =>
  new Promise<void>((done) => {
    const watch = new MutationObserver(() => {
      if (view.hidden) return;
      watch.disconnect();
      done();
    });
    watch.observe(view, { attributes: true, attributeFilter: ["hidden"] });
  });

/** Called with a graph whenever Dash has had another figure drawn into it. */
export const drawnAnew = new Set<(graph: Graph) => void>();

/**
 * Wrap Plotly's drawing. The steps of `react`, in order:
 *
 * 1. packed grids become arrays;
 * 2. an empty graph of a hidden view, never drawn, waits until the view is shown;
 * 3. scales stay where other mini-batches of the same study are drawn;
 * 4. a scene is fitted into its graph, or becomes a map, and a map is fitted, too; a legend of lines becomes a row above its
 *    graph;
 * 5. Plotly draws; of a surface the rest is left to the graphics processor.
 *
 * Of `Plots.resize`: a graph that fits its element stays as it is (Dash has every graph measured anew, and so drawn twice,
 * right after it was drawn for the first time); scenes and maps are fitted; Plotly lays out anew.
 */
export function wrapPlotly(Plotly: any) {
  // surfaces have as many pixels as the screen; Plotly takes four times as many where the screen's are large
  Plotly.setPlotConfig({ plotGlPixelRatio: Math.min(2, Math.max(1, window.devicePixelRatio)) });

  const { react } = Plotly;
  const { resize } = Plotly.Plots;

  /** Called with a figure, or with data, layout and configuration one by one. */
  Plotly.react = (graph: Graph, figure: any, layout?: any, config?: any) => {
    const given = Array.isArray(figure) ? { data: figure, layout, config } : figure;
    const whole: Figure = { ...given, data: (given.data || []).map(unpackTrace), layout: given.layout || {} };
    const draw = () => {
      const drawn = react(graph, sceneOrMap(graph, withLegendRow(graph, keepScale(graph, whole))));
      keepFaint(graph);
      watchScale(graph, drawn);
      for (const tell of drawnAnew) tell(graph);
      if (whole.layout.scene) paintSurface(graph);
      return drawn;
    };
    const isNew = !graph._fullLayout && whole.data.length === 0;
    const hidden = isNew ? graph.closest<HTMLElement>(".view[hidden]") : null;
    return hidden ? viewShown(hidden).then(draw) : draw();
  };

  Plotly.Plots.resize = (graph: Graph) => {
    const size = graph._fullLayout;
    if (size?.width === graph.clientWidth && size.height === graph.clientHeight) return Promise.resolve(graph);
    if (graph.clientHeight && graph.layout?.scene) graph.layout.scene = fitScene(graph.layout, graph);
    if (graph.layout) graph.layout = fitMap(graph.layout, graph);
    return resize(graph);
  };
}
