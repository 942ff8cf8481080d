/** What the charts of each view show of mini-batches that the browser has drawn, and what is said of them. */
import type { LineContent } from "./line_chart.ts";
import { countInLines, findMinima, findNngpps } from "./optima.ts";
import { describeLine } from "./own_line.ts";
import type { Line, Part, Sampler } from "./tables.ts";

/** What is drawn: mini-batches of a size and a seed, in Explore along a line, and whether the full batch instead. */
export interface Drawing {
  size: number;
  seed: number;
  line: Line | null; // one that is being moved
  full: boolean;
}

/** A chart that the browser draws. The first quantity is the loss, with minima, the second the slope, with NN-GPPs. */
export interface LiveChart {
  panel: string;
  quantity: 0 | 1;
  part: Part;
  draw: (sampler: Sampler, graph: Graph, now: Drawing) => LineContent;
  note: (said: string, content: LineContent, now: Drawing) => string;
}

const LINES = ["d1", "d2", "d1+d2", "d1-d2"];
const KEPT = 50; // mini-batches of Fixed batch
const NAMES = ["minima", "NN-GPPs"];

const finders = [findMinima, findNngpps];

export const countFound = ({ found }: LineContent) => found.reduce((sum, places) => sum + places.length, 0);

const stretchOf = (sampler: Sampler, line: number): [number, number] => {
  const { length } = sampler.sent.positions;
  return [line * length, (line + 1) * length];
};

/** Compare: the four lines. */
const fourLines = (panel: string, quantity: 0 | 1): LiveChart => ({
  panel: `compare-${panel}`,
  quantity,
  part: "lines",
  draw(sampler, _graph, { size, seed }) {
    const { positions } = sampler.sent;
    const means = sampler.draw(size, seed)[quantity];
    const curves = LINES.map((_, line) => means.subarray(...stretchOf(sampler, line)));
    const found = curves.map(finders[quantity]);
    return { positions, curves, found, counts: countInLines(positions, found) };
  },
  // what holds for many draws of the size before is left out
  note(said, content) {
    const parts = said.split(" · ").filter((part) => !/ over | expected |^expected/.test(part));
    return [parts[0].replace(/^\d+/, String(countFound(content))), ...parts.slice(1)].join(" · ");
  },
});

/** Which of the four lines Fixed batch is about. */
function numberOf(graph: Graph) {
  const [along, over] = graph.layout.meta.along[0].unit;
  return [0, 90, 45, -45].indexOf(Math.round((Math.atan2(over, along) * 180) / Math.PI));
}

/** Fixed batch: fifty mini-batches, each kept along the line. */
const kept = (panel: string, quantity: 0 | 1): LiveChart => ({
  panel: `static-static-${panel}`,
  quantity,
  part: "lines",
  draw(sampler, graph, { size, seed }) {
    const { positions } = sampler.sent;
    const curves = sampler.drawKept(quantity, size, seed, KEPT, stretchOf(sampler, numberOf(graph)));
    const [counts] = countInLines(positions, [curves.flatMap(finders[quantity])]);
    return { positions, curves, of: curves.map(() => 0), found: [], counts: [counts] };
  },
  note(_said, { counts: [counts] }) {
    const each = counts.reduce((sum, one) => sum + one, 0) / KEPT;
    return `${each.toFixed(1)} ${NAMES[quantity]} per curve on average.`;
  },
});

/** Fixed batch: a fresh mini-batch at every point. */
const fresh = (panel: string, quantity: 0 | 1): LiveChart => ({
  panel: `static-dynamic-${panel}`,
  quantity,
  part: "lines",
  draw(sampler, graph, { size, seed }) {
    const curve = sampler.draw(size, seed)[quantity].subarray(...stretchOf(sampler, numberOf(graph)));
    return { positions: sampler.sent.positions, curves: [curve], found: [finders[quantity](curve)], counts: [] };
  },
  note: (_said, content) => `${countFound(content)} ${NAMES[quantity]} on this draw.`,
});

const probes = new WeakMap<Sampler, { of: string; probe: ReturnType<Sampler["along"]> }>();

/** Loss and slope along a line of the plane; both charts ask for it. */
export function probeAlong(plane: Sampler, line: Line, positions: number[]) {
  const of = JSON.stringify([line.through, line.unit, positions.length]);
  const before = probes.get(plane);
  if (before?.of === of) return before.probe;
  const probe = plane.along(line, positions);
  probes.set(plane, { of, probe });
  return probe;
}

export const positionsOf = (graph: Graph): number[] => Array.from(graph._fullData?.[0].x ?? []);

/** Explore: the line of the visitor's own, beside the full batch. */
const ownLine = (panel: string, quantity: 0 | 1): LiveChart => ({
  panel: `explore-${panel}`,
  quantity,
  part: "plane",
  draw(plane, graph, { size, seed, line, full }) {
    const positions = positionsOf(graph);
    const probe = probeAlong(plane, line ?? graph.layout.meta.along[0], positions);
    const whole = probe.draw(plane.sent.samples, seed)[quantity];
    const curves = full ? [whole] : [probe.draw(size, seed)[quantity], whole];
    return { positions, curves, found: [finders[quantity](curves[0])], counts: [], moved: line !== null };
  },
  note(said, content, { line }) {
    const truth = finders[quantity](content.curves[content.curves.length - 1]).length;
    const where = line ? describeLine(line) : said.slice(said.indexOf("along "));
    return `${countFound(content)} ${NAMES[quantity]} found, ${truth} true; ${where}`;
  },
});

export const LIVE_CHARTS: Record<string, LiveChart[]> = {
  compare: [fourLines("minima", 0), fourLines("nngpps", 1)],
  explore: [ownLine("line-loss", 0), ownLine("line-slope", 1)],
  static: [kept("loss", 0), kept("slope", 1), fresh("loss", 0), fresh("slope", 1)],
};
