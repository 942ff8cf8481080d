/** The oracle's line as the server sends it, whole: which points, optima and samples are known at a step. */
import { decodeBytes, decodeFloats } from "../wire/base64.ts";

export interface Chart {
  figure: Figure;
  roles: string[]; // what each trace is: drawn, found, true, reference, cursor
  known: number[][]; // for each trace, the step from which each of its points is known, rising
  traces: { x: Float32Array; y: Float32Array }[];
}

export interface Line {
  key: string;
  about: string; // what the line is drawn of; another one ends the choice of a point
  points: number;
  samples: number;
  one: string; // what a sample is called
  names: string[]; // of the kinds of samples
  kinds: Uint8Array; // the kind of each sample
  bits: Uint8Array; // of each point, a bit for each sample: whether it was drawn
  said: string[]; // the announcement of each step
  counts: Record<string, Record<string, string[]>>;
  charts: Record<string, Chart>;
}

const decodeChart = ({ figure, roles, known }: Omit<Chart, "traces">): Chart => ({
  figure,
  roles,
  known,
  traces: figure.data.map(({ x, y }) => ({ x: decodeFloats(x), y: decodeFloats(y) })),
});

export const decodeLine = (sent: any): Line => ({
  ...sent,
  bits: decodeBytes(sent.members),
  kinds: decodeBytes(sent.classes),
  charts: { loss: decodeChart(sent.charts.loss), slope: decodeChart(sent.charts.slope) },
});

/** The samples drawn at a point. */
export function samplesAt({ samples, bits }: Pick<Line, "samples" | "bits">, point: number) {
  const width = Math.ceil(samples / 8);
  const isDrawn = (sample: number) => (bits[point * width + (sample >> 3)] >> (sample & 7)) & 1;
  return Array.from({ length: samples }, (_, sample) => sample).filter(isDrawn);
}

export const nameOfSample = ({ one, names }: Pick<Line, "one" | "names">, sample: number) =>
  one === "parabola" ? names[sample] : String(sample + 1);

/** How many of some rising numbers are not above a step. */
export function countKnown(known: ArrayLike<number>, step: number) {
  let low = 0;
  let high = known.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (known[middle] <= step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The places of a series that are known at a step. */
export function knownPlaces(chart: Chart, role: string, step: number) {
  const at = chart.roles.indexOf(role);
  return chart.traces[at].x.subarray(0, countKnown(chart.known[at], step));
}

/** All points drawn. */
export const drawnSeries = (chart: Chart) => chart.traces[chart.roles.indexOf("drawn")];

/** The point at a place. */
export const pointAt = (chart: Chart, place: number) => drawnSeries(chart).x.indexOf(place);

export function nearestPlace(places: Iterable<number>, place: number) {
  let best: number | null = null;
  for (const one of places) {
    if (best === null || Math.abs(one - place) < Math.abs(best - place)) best = one;
  }
  return best;
}

/** The optimum before or after a point, or the point itself where there is none. */
export function nextOptimum(chart: Chart, step: number, point: number, by: 1 | -1) {
  const found = [...knownPlaces(chart, "found", step)].map((place) => pointAt(chart, place));
  const next = by > 0 ? found.find((one) => one > point) : found.findLast((one) => one < point);
  return next ?? point;
}
