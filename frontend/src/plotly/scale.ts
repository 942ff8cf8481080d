/**
 * Scales that stay: while mini-batches are drawn anew, at rest or while a control moves, the pictures of a study keep their
 * colours and the ends of their upright axes, so that sizes can be compared. Axes only grow, to hold what is drawn.
 */
import { all, bindOnce, closest } from "../page/dom.ts";

type Ends = [number, number];

interface Scale {
  of: string; // what it is a scale of
  axes: Record<string, Ends>;
  colours: Record<string, number>; // as the surface or the map was first drawn
  own: Record<string, number>; // of what is drawn now
}

const kept = new WeakMap<Graph, Scale>();

/** What a figure has a scale of: its study, and what is shown of it, on whichever line; "" where scales do not stay. */
export function subjectOf({ data, layout }: Figure) {
  const { study } = layout.meta ?? {};
  const first = data.find(({ type }) => type !== "scatter");
  return study ? JSON.stringify([study, first?.name, layout.yaxis?.title?.text]) : "";
}

/** The upright axes of a layout; a map has none. Of a scene Plotly keeps the ends that it finds where it draws. */
function axesOf(layout: any): [string, any][] {
  if (layout.scene) return [["zaxis", (layout.scene._scene?.fullSceneLayout ?? layout.scene).zaxis]];
  const upright = Object.entries<any>(layout).filter(([name]) => /^yaxis\d*$/.test(name));
  return upright.filter(([, { constrain }]) => constrain !== "domain");
}

const limitsOf = (trace: any) => (trace?.type === "heatmap" ? ["zmin", "zmax"] : ["cmin", "cmax"]);

/** The one trace whose colours stand for numbers. */
const colouredOf = (data: any[]) => data.find((trace) => trace.colorbar && limitsOf(trace)[1] in trace);

function coloursOf(data: any[]): Record<string, number> {
  const trace = colouredOf(data);
  return trace ? Object.fromEntries(limitsOf(trace).map((name) => [name, trace[name]])) : {};
}

const join = (one: Ends, other: Ends = one): Ends => [Math.min(one[0], other[0]), Math.max(one[1], other[1])];

/** An axis that holds some ends, too. */
function holding(axis: any, ends?: Ends) {
  if (!ends) return axis;
  return axis.range ? { ...axis, range: join(axis.range, ends) } : { ...axis, autorangeoptions: { include: ends } };
}

/** Hold the axes of a graph as they are drawn. */
export function noteScale(graph: Graph) {
  const { axes } = kept.get(graph) ?? {};
  if (!axes || !graph.data?.length || !graph._fullLayout) return;
  for (const [name, { range }] of axesOf(graph._fullLayout))
    if (range) axes[name] = join([range[0], range[1]], axes[name]);
}

/** A figure on the scales that its graph has, if they are of the same. */
export function keepScale(graph: Graph, figure: Figure): Figure {
  const of = subjectOf(figure);
  const before = kept.get(graph);
  const own = coloursOf(figure.data);
  if (before?.of !== of) {
    if (of) kept.set(graph, { of, axes: {}, colours: own, own });
    else if (figure.data.length > 0) kept.delete(graph);
    return figure;
  }
  before.own = own;
  const { layout } = figure;
  const coloured = colouredOf(figure.data);
  const held = Object.fromEntries(axesOf(layout).map(([name, axis]) => [name, holding(axis, before.axes[name])]));
  return {
    ...figure,
    data: figure.data.map((trace) => (trace === coloured ? { ...trace, ...before.colours } : trace)),
    layout: layout.scene ? { ...layout, scene: { ...layout.scene, ...held } } : { ...layout, ...held },
  };
}

/** Fit the scales of a graph to what it shows. */
function rescale(graph: Graph) {
  const scale = kept.get(graph);
  if (!scale || !graph._fullLayout) return;
  const { own } = scale;
  Object.assign(scale, { axes: {}, colours: own });
  const place = graph._fullLayout.scene ? "scene." : "";
  const fitted = axesOf(graph._fullLayout).filter(([, { fixedrange }]) => !fixedrange);
  const changes = fitted.map(([name]) => [
    [`${place}${name}.autorangeoptions.include`, null],
    [`${place}${name}.autorange`, true],
  ]);
  const coloured = (graph.data ?? []).indexOf(colouredOf(graph.data ?? []));
  window.Plotly.update(graph, own, Object.fromEntries(changes.flat()), coloured < 0 ? [0] : [coloured]);
}

/** Fit the scales of all pictures that are shown. */
export const rescaleAll = () => all<Graph>(".view:not([hidden]) .js-plotly-plot").forEach(rescale);

const watch = bindOnce((graph) => graph.on("plotly_afterplot", () => noteScale(graph)));

/** Follow a graph that has just been given something to draw. */
export function watchScale(graph: Graph, drawn: Promise<unknown>) {
  watch(graph);
  drawn.then(() => noteScale(graph)); // the first time there was no one to hear of it
}

export function installScale() {
  document.addEventListener("dblclick", (event) => {
    const graph = closest(event, ".js-plotly-plot") as Graph | null;
    if (graph) rescale(graph);
  });
}
