/** The marks of a spot on each kind of picture, in pixels of its graph: they lie over it, and nothing in it is drawn anew. */
import { paintedCurve } from "../live/line_chart.ts";
import { surfaceHeight } from "../live/surface.ts";
import { type Along, nearestIndex, type Place, project, type Spot } from "./spot.ts";

const DIGITS = 4;

/** The lines that a chart's positions lie on; none of other pictures. */
export const linesOf = (graph: Graph): Along[] => (graph._fullLayout?.xaxis && graph.layout?.meta?.along) || [];

/** Whether a graph shows the plane from straight above; `square.ts` knows maps by the same. */
export const isMap = (graph: Graph) => graph._fullLayout?.yaxis?.constrain === "domain";

/** The curves of a chart, each with its own number among them; not those of which one trace holds many. */
export const curvesOf = (graph: Graph) =>
  (graph._fullData ?? [])
    .filter(({ mode, visible }) => mode === "lines" && visible === true)
    .map((trace, number) => ({ trace, number }))
    .filter(({ trace: { x } }) => x.length > 1 && Number.isFinite(x[x.length - 1]) && x[0] < x[x.length - 1]);

/** The value of a curve at a point, also while a control moves. */
export const valueAt = (graph: Graph, { trace, number }: ReturnType<typeof curvesOf>[0], index: number): number =>
  (paintedCurve(graph, number) ?? trace.y)[index];

export const formatNumber = (value: number) => String(Number(value.toPrecision(DIGITS))).replace("-", "−");

const within = (at: number, from: number, length: number) => at >= from - 0.5 && at <= from + length + 0.5;

const dot = (x: number, y: number, colour = "var(--ink)") =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4.5" style="fill: ${colour}" />`;

/** A rule through all fields of a chart, and a dot on each curve. */
function onChart(graph: Graph, { position, points }: Spot) {
  const layout = graph._fullLayout;
  const { xaxis } = layout;
  if (position === null) return "";
  const groups = points.map(({ group }) => group);
  const curves = curvesOf(graph).filter(({ trace }) => groups.includes(trace.legendgroup ?? ""));
  if (curves.length === 0) return "";
  const { x: places } = curves[0].trace;
  const at = places[nearestIndex(places, position)];
  const across = xaxis._offset + xaxis.d2p(at);
  if (!within(across, xaxis._offset, xaxis._length)) return "";
  const [first] = curves;
  const value = points.length === 1 ? `: ${formatNumber(valueAt(graph, first, nearestIndex(first.trace.x, at)))}` : "";
  const dots = curves.map((curve) => {
    const { trace } = curve;
    const upright = layout[trace.yaxis.replace("y", "yaxis")];
    const value = valueAt(graph, curve, nearestIndex(trace.x, at));
    const up = upright._offset + upright.d2p(value);
    return within(up, upright._offset, upright._length) ? dot(across, up, trace.line.color) : "";
  });
  const { t, h } = layout._size;
  const side = across > xaxis._offset + xaxis._length / 2 ? -1 : 1;
  const label =
    `<text x="${(across + 5 * side).toFixed(1)}" y="${t + 10}" text-anchor="${side < 0 ? "end" : "start"}">` +
    `${formatNumber(at)}${value}</text>`;
  const rule = `<line x1="${across.toFixed(1)}" x2="${across.toFixed(1)}" y1="${t}" y2="${t + h}" />`;
  return rule + label + dots.join("");
}

/** The colour of a line on a map or a surface. */
const colourOf = (graph: Graph, group: string): string | undefined =>
  group ? (graph._fullData ?? []).find(({ name, line }) => name === group && line)?.line.color : undefined;

function onMap(graph: Graph, { points }: Spot) {
  const { xaxis, yaxis } = graph._fullLayout;
  return points
    .map(({ group, place }) => {
      const [x, y] = [xaxis._offset + xaxis.d2p(place[0]), yaxis._offset + yaxis.d2p(place[1])];
      const inside = within(x, xaxis._offset, xaxis._length) && within(y, yaxis._offset, yaxis._length);
      return inside ? dot(x, y, colourOf(graph, group)) : "";
    })
    .join("");
}

/** This uses what Plotly does not document; if it is gone, surfaces have no marks. */
function onScene(graph: Graph, { points }: Spot) {
  const scene = graph._fullLayout.scene._scene;
  const camera = scene?.glplot?.cameraParams;
  if (!camera) return "";
  const { width, height } = graph._fullLayout;
  return points
    .map(({ group, place }: { group: string; place: Place }) => {
      const up = surfaceHeight(graph, place);
      const seen =
        up === null
          ? null
          : project(
              camera,
              [...place, up].map((one, axis) => one * scene.dataScale[axis]),
            );
      return seen ? dot(seen.x * width, seen.y * height, colourOf(graph, group)) : "";
    })
    .join("");
}

/** As SVG. */
export function marksOn(graph: Graph, spot: Spot) {
  if (!graph._fullLayout) return "";
  if (graph._fullLayout.scene) return onScene(graph, spot);
  if (isMap(graph)) return onMap(graph, spot);
  return linesOf(graph).length > 0 ? onChart(graph, spot) : "";
}
