/** The oracle's two charts, drawn up to a step. */
import { bindOnce, element } from "../page/dom.ts";
import { type Chart, countKnown, drawnSeries, knownPlaces, type Line, nearestPlace, pointAt } from "./line.ts";

export type Shown = { line: Line; step: number; point: number; reference: boolean };

export const CHARTS = ["loss", "slope"];
const NEAR = 12; // pixels around an optimum that belong to it
const CONFIG = { displayModeBar: false, displaylogo: false, showSendToCloud: false };

const drawn: Record<string, string> = {}; // what each chart shows

function tracesAt(chart: Chart, { step, point, reference }: Shown) {
  const points = drawnSeries(chart);
  return chart.figure.data.map((trace, at) => {
    const role = chart.roles[at];
    if (role === "cursor") {
      const [x, y] = point < 0 ? [[], []] : [[points.x[point]], [points.y[point]]];
      return { ...trace, x, y, showlegend: false };
    }
    const count = countKnown(chart.known[at], step);
    return {
      ...trace,
      x: chart.traces[at].x.subarray(0, count),
      y: chart.traces[at].y.subarray(0, count),
      visible: reference || (role !== "reference" && role !== "true"),
    };
  });
}

/** The element that a chart is drawn into. */
function host(name: string): Graph {
  const panel = element(`oracle-${name}`);
  if (!panel.firstElementChild) {
    const made = document.createElement("div");
    made.className = "oracle-plot";
    panel.append(made);
  }
  return panel.firstElementChild as Graph;
}

/** The point that a click means: the optimum beside it, or the nearest point that has been drawn. */
function clickedPoint(chart: Chart, step: number, graph: Graph, event: any) {
  const axis = graph._fullLayout.xaxis;
  const place = event.event
    ? axis.p2d(event.event.clientX - graph.getBoundingClientRect().left - axis._offset)
    : event.points[0].x;
  const optimum = nearestPlace(knownPlaces(chart, "found", step), place);
  if (optimum !== null && Math.abs(axis.d2p(optimum) - axis.d2p(place)) < NEAR) return pointAt(chart, optimum);
  const nearest = nearestPlace(knownPlaces(chart, "drawn", step), place);
  return nearest === null ? null : pointAt(chart, nearest);
}

const bind = bindOnce((graph, name: string, current: () => Shown, choose: (point: number) => void) => {
  graph.on("plotly_click", (event) => {
    const { line, step } = current();
    const point = clickedPoint(line.charts[name], step, graph, event);
    if (point !== null) choose(point);
  });
});

/** Draw a chart, and tell whether there was anything to draw with, and room. `choose` is called with a clicked point. */
export function drawChart(name: string, current: () => Shown, choose: (point: number) => void) {
  const graph = host(name);
  if (!window.Plotly || graph.clientWidth === 0) return false;
  const shown = current();
  const now = [shown.line.key, shown.step, shown.point, shown.reference].join();
  if (drawn[name] !== now) {
    drawn[name] = now;
    const chart = shown.line.charts[name];
    const layout = structuredClone(chart.figure.layout); // Plotly writes into what it is given
    window.Plotly.react(graph, tracesAt(chart, shown), layout, CONFIG);
    bind(graph, name, current, choose);
  }
  if (graph._fullLayout.width !== graph.clientWidth || graph._fullLayout.height !== graph.clientHeight) {
    window.Plotly.Plots.resize(graph);
  }
  return true;
}
