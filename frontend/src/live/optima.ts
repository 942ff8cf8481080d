/** Where a sampled line has minima and NN-GPPs: the rules of `landscape_core/statistics/optima.py`. */

/** Strict minima inside a line. */
export function findMinima(loss: ArrayLike<number>) {
  const found: number[] = [];
  for (let at = 1; at < loss.length - 1; at += 1) {
    if (loss[at - 1] > loss[at] && loss[at] < loss[at + 1]) found.push(at);
  }
  return found;
}

/** NN-GPPs: points just after the slope has turned from negative to positive. */
export function findNngpps(slope: ArrayLike<number>) {
  const found: number[] = [];
  for (let at = 1; at < slope.length; at += 1) {
    if (slope[at - 1] < 0 && slope[at] > 0) found.push(at);
  }
  return found;
}

export const BINS = 20;

/** How many of some places lie in each of 20 equal bins over ±reach. */
export function countInBins(places: number[], reach: number) {
  const counts = new Array<number>(BINS).fill(0);
  for (const place of places) counts[Math.min(BINS - 1, Math.floor(((place / reach + 1) * BINS) / 2))] += 1;
  return counts;
}

/** The counts of each line; places are numbers of its positions. */
export function countInLines(positions: number[], found: number[][]) {
  const reach = positions[positions.length - 1];
  const placed = found.map((places) => places.map((at) => positions[at]));
  return placed.map((places) => countInBins(places, reach));
}

/** The highest bar where the counts of several lines stand on each other; 0 without counts. */
export const highestStack = (counts: number[][]) =>
  Math.max(0, ...(counts[0] ?? []).map((_, bin) => counts.reduce((sum, line) => sum + line[bin], 0)));

/**
 * Median over the apparent optima of all lines of the distance from the nearest true one on the same line; lines without a
 * true one are left out, and NaN says that nothing remains. The twin of `median_distance` in the same module of the engine.
 */
export function medianDistance(positions: number[], found: number[][], truth: number[][]) {
  const distances = found.flatMap((places, line) =>
    truth[line].length > 0
      ? places.map((at) => Math.min(...truth[line].map((other) => Math.abs(positions[at] - positions[other]))))
      : [],
  );
  distances.sort((one, other) => one - other);
  const half = distances.length / 2;
  return (distances[Math.ceil(half) - 1] + distances[Math.floor(half)]) / 2; // of nothing: NaN
}
