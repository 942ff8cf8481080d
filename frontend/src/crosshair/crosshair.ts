/**
 * One crosshair: the spot under the mouse, or chosen by keys in a chart, is marked in every picture of the view. Its marks lie
 * over the pictures and follow them in each frame: cameras turn, and mini-batches are drawn anew.
 */
import { all, bindOnce, closest, isVisible } from "../page/dom.ts";
import { outstanding } from "../plotly/legend_row.ts";
import { drawnAnew } from "../plotly/wrap.ts";
import { curvesOf, formatNumber, isMap, linesOf, marksOn, valueAt } from "./marks.ts";
import { nearestIndex, type Place, type Spot, spotAlong, spotAt } from "./spot.ts";

const NEAR = 8; // pixels of a map around a line that belong to it
const NEAR_SHARE = 0.03; // of a surface's half width, likewise

const GRAPHS = ".view:not([hidden]) .js-plotly-plot";

const state = { spot: null as Spot | null, from: null as Graph | null, byKeys: false, painting: false };

/** Called with each spot that is pointed at, and the graph in which it is. */
export const spotted = new Set<(spot: Spot, graph: Graph) => void>();

function write(graph: Graph, marks: string) {
  let layer = graph.querySelector<SVGElement>("svg.crosshair");
  if (!layer && marks) {
    layer = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    layer.classList.add("crosshair");
    layer.setAttribute("aria-hidden", "true");
    graph.querySelector(".svg-container")?.append(layer);
  }
  if (!layer || layer.dataset.marks === marks) return;
  layer.dataset.marks = marks;
  layer.innerHTML = marks;
}

function paint() {
  if (!isVisible(state.from)) state.spot = null;
  const { spot } = state;
  for (const graph of all<Graph>(GRAPHS)) write(graph, spot ? marksOn(graph, spot) : "");
  state.painting = spot !== null;
  if (spot) window.requestAnimationFrame(paint);
}

function show(spot: Spot | null, from: Graph | null, byKeys = false) {
  Object.assign(state, { spot, from, byKeys });
  if (!state.painting) {
    state.painting = true;
    window.requestAnimationFrame(paint);
  }
  if (spot && from) for (const tell of spotted) tell(spot, from);
}

/** The lines that are pointed at in a view: the one that stands out, or all of its charts. */
function linesIn(graphs: Graph[]) {
  const lines = graphs.map(linesOf).find((found) => found.length > 0) ?? [];
  const chosen = lines.filter(({ group }) => group === outstanding());
  return chosen.length > 0 ? chosen : lines;
}

const linesAround = () => linesIn(all<Graph>(GRAPHS));

/** The position of a chart's own point that is nearest. */
function positionNear(graph: Graph, position: number): number {
  const places = curvesOf(graph)[0]?.trace.x ?? [position];
  return places[nearestIndex(places, position)];
}

/** The spot under the mouse in a chart or a map. */
function spotUnder(graph: Graph, event: MouseEvent): Spot | null {
  const { xaxis, yaxis, _size: size } = graph._fullLayout;
  const box = graph.getBoundingClientRect();
  const [right, down] = [event.clientX - box.left, event.clientY - box.top];
  const within = (at: number, from: number, length: number) => at >= from && at <= from + length;
  if (!within(right, xaxis._offset, xaxis._length) || !within(down, size.t, size.h)) return null;
  const across = xaxis.p2d(right - xaxis._offset);
  if (!isMap(graph)) return spotAlong(linesIn([graph]), positionNear(graph, across));
  if (!within(down, yaxis._offset, yaxis._length)) return null;
  const near = Math.abs(xaxis.p2d(NEAR) - xaxis.p2d(0));
  return spotAt(linesAround(), [across, yaxis.p2d(down - yaxis._offset)], near);
}

/** A surface tells of the points of its grid. */
function spotOnSurface(graph: Graph, place: Place) {
  const x: ArrayLike<number> = graph._fullData?.find(({ type }) => type === "surface")?.x ?? [0, 0];
  const [first, second, last] = [x[0], x[1], x[x.length - 1]];
  return spotAt(linesAround(), place, Math.max(0.75 * (second - first), (NEAR_SHARE * (last - first)) / 2));
}

const bindScene = bindOnce((graph) => {
  graph.on("plotly_hover", ({ points: [point] }) => {
    if (graph._fullLayout.scene && point) show(spotOnSurface(graph, [point.x, point.y]), graph);
  });
  graph.on("plotly_unhover", () => {
    if (state.from === graph && graph._fullLayout.scene) show(null, null);
  });
});

function point(event: PointerEvent) {
  const graph = closest(event, GRAPHS) as Graph | null;
  if (graph?._fullLayout?.scene) {
    bindScene(graph);
    if (state.from !== graph && !state.byKeys) show(null, graph);
  } else if (graph?._fullLayout && (isMap(graph) || linesOf(graph).length > 0)) {
    show(spotUnder(graph, event), graph);
  } else if (state.spot && !state.byKeys) {
    show(null, null);
  }
}

/** What a chart says of a position to who cannot see it. */
function describe(graph: Graph, { position, points }: Spot) {
  const groups = points.map(({ group }) => group);
  const values = curvesOf(graph)
    .filter(({ trace }) => trace.yaxis === "y" && groups.includes(trace.legendgroup ?? ""))
    .map((curve) => {
      const value = valueAt(graph, curve, nearestIndex(curve.trace.x, position ?? 0));
      return `${curve.trace.name.split(": ")[0]} ${formatNumber(value)}`;
    });
  return `${formatNumber(position ?? 0)}: ${values.join(", ")}`;
}

function tell(graph: Graph, spot: Spot) {
  graph.setAttribute("aria-valuenow", String(spot.position));
  graph.setAttribute("aria-valuetext", describe(graph, spot));
}

/** A chart of positions is a slider for keys. */
function offerKeys(graph: Graph) {
  const places: ArrayLike<number> = linesOf(graph).length > 0 ? (curvesOf(graph)[0]?.trace.x ?? []) : [];
  if (places.length === 0) {
    if (graph.getAttribute("role") !== "slider") return;
    for (const name of ["role", "tabindex"]) graph.removeAttribute(name);
    graph.setAttribute("aria-hidden", "true");
    return;
  }
  graph.tabIndex = 0;
  graph.setAttribute("aria-hidden", "false"); // unlike other pictures, for which words stand
  graph.setAttribute("role", "slider");
  for (const part of graph.children) part.setAttribute("aria-hidden", "true");
  graph.setAttribute("aria-labelledby", graph.closest(".panel")?.getAttribute("aria-labelledby") ?? "");
  graph.setAttribute("aria-valuemin", String(places[0]));
  graph.setAttribute("aria-valuemax", String(places[places.length - 1]));
  const position = state.spot?.position ?? places[places.length >> 1];
  tell(graph, spotAlong(linesIn([graph]), positionNear(graph, position)));
}

/** The keys of a chart that has the focus. */
function handleKey(event: KeyboardEvent) {
  const graph = closest(event, ".js-plotly-plot[role=slider]") as Graph | null;
  if (graph !== event.target || !graph || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const places = curvesOf(graph)[0]?.trace.x ?? [];
  const last = places.length - 1;
  const { spot } = state;
  const at = nearestIndex(places, spot?.position ?? Number(graph.getAttribute("aria-valuenow")));
  const goal = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
  if (event.key === "Escape" && spot) {
    show(null, null);
  } else if (goal !== undefined) {
    const moved = spotAlong(linesIn([graph]), places[Math.max(0, Math.min(last, goal))]);
    show(moved, graph, true);
    tell(graph, moved);
  } else {
    return;
  }
  event.preventDefault();
}

export function installCrosshair() {
  document.addEventListener("pointermove", point);
  document.addEventListener("pointerdown", point);
  document.documentElement.addEventListener("pointerleave", () => {
    if (!state.byKeys) show(null, null);
  });
  document.addEventListener("keydown", handleKey, true);
  document.addEventListener("focusout", () => {
    if (state.byKeys) show(null, null);
  });
  drawnAnew.add((graph) => window.setTimeout(offerKeys, 0, graph));
}
