/** The pictures of a view while a control moves: what each was drawn with, and what it shows of other mini-batches. */
import { graphOf } from "../page/dom.ts";
import { countFound, type Drawing, LIVE_CHARTS, type LiveChart, positionsOf, probeAlong } from "./charts.ts";
import { type Apparent, restoreFigures, writeFigures } from "./intro.ts";
import { clearChart, type LineContent, paintChart, widenChart } from "./line_chart.ts";
import { highestStack, medianDistance } from "./optima.ts";
import { samplerFor } from "./samplers.ts";
import { forgetMap, paintCurve, paintHeights, paintMap, restoreHeights, restoreMap, widenScene } from "./surface.ts";
import { type Part, slopeAlong } from "./tables.ts";
import { restoreWords, writeNote, writeSize } from "./words.ts";

const AHEAD = 4; // draws of one size that axes are given room for
const SURFACES: Record<string, string[]> = { compare: ["loss", "slope"], explore: ["loss", "slope"] };
const OWN_LINE = "line"; // the name of Explore's line on its surfaces

/** What is wanted: mini-batches, and the direction of the slope. */
export interface Wanted extends Drawing {
  angle: number;
}

const widened = new Map<Graph, number>(); // graphs with room for mini-batches of a size

/** The tables that a view is drawn from. */
export const partsOf = (view: string): Part[] => [
  ...new Set([...(LIVE_CHARTS[view] ?? []).map(({ part }) => part), ...(SURFACES[view] ? (["plane"] as const) : [])]),
];

/** A graph that is drawn anew has room for what it shows, and shows what it was given. */
export function forgetGraph(graph: Graph) {
  widened.delete(graph);
  forgetMap(graph);
}

const sampleOf = (graph: Graph | null): Wanted | undefined => graph?.layout?.meta?.sample;

/**
 * The draws that a graph is to be given room for, once: of single samples while the size moves, of a few mini-batches while it
 * stays, and none where it has the room.
 */
function drawsAhead(graph: Graph, shown: Wanted, now: Wanted): Drawing[] {
  const stays = shown.size === now.size;
  const size = stays ? now.size : 1;
  if (widened.get(graph) === size) return [];
  widened.set(graph, size);
  return Array.from({ length: stays ? AHEAD : 1 }, (_, at) => ({ ...now, size, seed: now.seed + at }));
}

function extent(values: ArrayLike<number>): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < values.length; at += 1) {
    if (values[at] < least) least = values[at];
    if (values[at] > most) most = values[at];
  }
  return [least, most];
}

type Room = { graph: Graph; ends: [number, number]; count: number };

/** What a chart has to be given room for; null where it has the room. */
function roomFor(chart: LiveChart, now: Wanted): Room | null {
  const graph = graphOf(chart.panel);
  const shown = sampleOf(graph);
  const sampler = graph && shown && !isDrawn(shown, now) && samplerFor(chart.part);
  if (!sampler) return null;
  const ahead = drawsAhead(graph, shown, now).map((drawing) => chart.draw(sampler, graph, drawing));
  if (ahead.length === 0) return null;
  const ends = extent(ahead.flatMap(({ curves }) => curves.flatMap(extent)));
  return { graph, ends, count: Math.max(...ahead.map(({ counts }) => highestStack(counts))) };
}

/** Whether a chart was drawn with what is wanted. */
const isDrawn = (shown: Wanted, now: Wanted) => shown.size === now.size && shown.seed === now.seed && !now.line;

/** Draw one chart as it is wanted; what is painted, or null where it is left as the server drew it. */
function paintOne(chart: LiveChart, now: Wanted): LineContent | null {
  const graph = graphOf(chart.panel);
  const shown = sampleOf(graph);
  if (!graph || !shown) return null;
  if (isDrawn(shown, now)) {
    clearChart(graph);
    restoreWords(chart.panel);
    return null;
  }
  const sampler = samplerFor(chart.part);
  if (!sampler) return null;
  const content = chart.draw(sampler, graph, now);
  paintChart(graph, content);
  writeSize(chart.panel, now.size);
  writeNote(chart.panel, (said) => chart.note(said, content, now));
  return content;
}

/** Paint the charts of a view. `again` is called when all have to be painted once more. */
export function paintCharts(view: string, now: Wanted, again: () => void) {
  const charts = LIVE_CHARTS[view] ?? [];
  const rooms = charts.map((chart) => roomFor(chart, now)).filter((room) => room !== null);
  const most = Math.max(...rooms.map(({ count }) => count)); // both histograms of Compare have one axis
  for (const { graph, ends, count } of rooms) widenChart(graph, ends, view === "compare" ? most : count)?.then(again);
  const drawn = charts.map((chart) => paintOne(chart, now));
  if (view !== "compare") return;
  const [minima, nngpps] = drawn;
  const truth = minima && nngpps && samplerFor("lines")?.sent.true; // not asked for at rest: it comes with the tables
  if (minima && nngpps && truth) writeFigures(view, [toApparent(minima, truth[0]), toApparent(nngpps, truth[1])]);
  else if (!minima && !nngpps) restoreFigures(view);
}

/** What the sentence says of a chart of Compare that is painted. */
const toApparent = (content: LineContent, truth: number[][]): Apparent => ({
  count: countFound(content),
  distance: medianDistance(content.positions, content.found, truth),
});

/** Paint the surfaces of a view, and tell whether there was anything to paint. */
export function paintSurfaces(view: string, now: Wanted, again: () => void) {
  let isPainted = false;
  for (const name of SURFACES[view] ?? []) {
    const panel = `${view}-${name}`;
    const graph = graphOf(panel);
    const shown = sampleOf(graph);
    if (!graph?._fullLayout || !shown) continue;
    const flat = !graph._fullLayout.scene; // where a phone, or a browser without WebGL, shows a map
    if (!flat) moveLine(view, graph, name, now);
    const turned = name === "slope" && shown.angle !== now.angle;
    if (now.full || (shown.size === now.size && shown.seed === now.seed && !turned)) {
      const isRestored = flat ? restoreMap(graph) : restoreHeights(graph);
      isPainted ||= isRestored;
      restoreWords(panel);
      continue;
    }
    const sampler = samplerFor("plane");
    if (!sampler) continue;
    isPainted = true;
    const heights = ({ size, seed }: Drawing) => {
      const [loss, first, second] = sampler.draw(size, seed);
      return name === "loss" ? loss : slopeAlong(first, second, now.angle);
    };
    if (flat) {
      paintMap(graph, sampler.sent.positions, heights(now));
    } else {
      const ahead = drawsAhead(graph, shown, now).flatMap((drawing) => extent(heights(drawing)));
      if (ahead.length > 0) widenScene(graph, extent(ahead))?.then(again); // it draws what the server sent
      paintHeights(graph, sampler.sent.positions, heights(now), turned);
    }
    writeSize(panel, now.size);
    writeNote(panel, (said) => said.replace(/mini-batch of \d+/, `mini-batch of ${now.size}`));
  }
  return isPainted;
}

/** Explore's line lies on its surfaces at the height of the full batch. */
function moveLine(view: string, graph: Graph, name: string, { line, seed }: Wanted) {
  if (view !== "explore") return;
  const plane = line && samplerFor("plane");
  const chart = graphOf("explore-line-loss");
  if (!plane || !chart) {
    paintCurve(graph, OWN_LINE, null);
    return;
  }
  const positions = positionsOf(chart);
  const heights = probeAlong(plane, line, positions).draw(plane.sent.samples, seed)[name === "loss" ? 0 : 1];
  const [x, y] = [0, 1].map((side) => positions.map((position) => line.through[side] + position * line.unit[side]));
  paintCurve(graph, OWN_LINE, { x, y, z: heights });
}
