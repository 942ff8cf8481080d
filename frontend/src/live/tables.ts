/** The sample tables that the server has sent, and what mini-batches of any size and seed give on them. */
import { batchMeans, PURPOSES, staticMeans, Urns } from "./urns.ts";

/** As `app/callbacks/live.py` sends them. */
export interface SentTables {
  for: Record<string, unknown>; // the fields of the study that they were made for
  free: string[]; // those of them on which they do not depend
  points?: number[]; // absent where the tables are too large
  among: number;
  positions: number[];
  samples: number;
  tables: string[];
  true: number[][][]; // of minima and of NN-GPPs, line by line, the points that the full batch has
}

export type Part = "lines" | "plane";

/** A line of the plane: a point that it goes through, and its direction, of length 1. */
export interface Line {
  through: [number, number];
  unit: [number, number];
}

type Held = Pick<SentTables, "among" | "positions" | "samples"> & { points: ArrayLike<number> };

/** Tables of one kind, and the urns of the seed that was drawn last: a larger batch goes on where a smaller one stopped. */
export class Sampler<T extends Held = SentTables & { points: number[] }> {
  #urns: Urns | null = null;
  #seed = -1;
  #size = 0;
  #means: Float64Array[] = []; // of the last draw: both pictures of a pair ask for it
  readonly sent: T;
  readonly #purpose: keyof typeof PURPOSES;
  readonly #tables: Float32Array[]; // for each quantity the values of all samples, point after point

  constructor(sent: T, purpose: keyof typeof PURPOSES, tables: Float32Array[]) {
    this.sent = sent;
    this.#purpose = purpose;
    this.#tables = tables;
  }

  /** Means of each quantity at each point, for a mini-batch size and the seed of the mini-batches. */
  draw(size: number, seed: number) {
    if (this.#seed === seed && this.#size === size) return this.#means;
    const { points, among, samples } = this.sent;
    if (!this.#urns || this.#seed !== seed) {
      this.#urns = new Urns(seed, PURPOSES[this.#purpose], points, among, samples);
      this.#seed = seed;
    }
    this.#size = size;
    this.#means = batchMeans(this.#tables, this.#urns, size);
    return this.#means;
  }

  /** Means of a quantity for some mini-batches that are each kept along a stretch of points, one after the other. */
  drawKept(quantity: number, size: number, seed: number, batches: number, stretch: [number, number]) {
    const { samples } = this.sent;
    const part = this.#tables[quantity].subarray(stretch[0] * samples, stretch[1] * samples);
    return Array.from({ length: batches }, (_, draw) => staticMeans(part, samples, size, seed, draw));
  }

  /**
   * Of a plane with loss and slopes along d1 and d2: loss and slope along a line of it, as the engine probes one, from
   * samples between the points of the grid; NaN beside the plane.
   */
  along({ through, unit }: Line, positions: number[]) {
    const { positions: axis, samples } = this.sent;
    const [loss, first, second] = this.#tables;
    const last = axis.length - 1;
    const [values, slopes] = [loss, first].map(() => new Float32Array(positions.length * samples));
    positions.forEach((position, point) => {
      const [across, up] = through.map((from, side) => {
        const steps = ((from + position * unit[side] - axis[0]) / (axis[last] - axis[0])) * last;
        return Math.abs(steps - last / 2) <= last / 2 + 1e-9 ? Math.max(0, Math.min(last, steps)) : Number.NaN;
      });
      if (Number.isNaN(across + up)) {
        for (const table of [values, slopes]) table.fill(Number.NaN, point * samples, (point + 1) * samples);
        return;
      }
      const [column, row] = [across, up].map((at) => Math.min(last - 1, Math.floor(at)));
      const [right, above] = [across - column, up - row];
      const corners: [number, number][] = [
        [row * axis.length + column, (1 - right) * (1 - above)],
        [row * axis.length + column + 1, right * (1 - above)],
        [(row + 1) * axis.length + column, (1 - right) * above],
        [(row + 1) * axis.length + column + 1, right * above],
      ];
      for (const [corner, share] of corners) {
        for (let sample = 0; sample < samples; sample += 1) {
          const [to, from] = [point * samples + sample, corner * samples + sample];
          values[to] += share * loss[from];
          slopes[to] += share * (unit[0] * first[from] + unit[1] * second[from]);
        }
      }
    });
    const points = Uint16Array.from(positions, (_, point) => point);
    return new Sampler({ points, among: positions.length, positions, samples }, "line_probe", [values, slopes]);
  }
}

/** Whether tables are those of a study. A field that one of the two does not state has its usual value there. */
export const areFor = (sent: Pick<SentTables, "for" | "free">, spec: Record<string, unknown>) =>
  Object.keys({ ...sent.for, ...spec }).every(
    (name) => sent.free.includes(name) || JSON.stringify(sent.for[name]) === JSON.stringify(spec[name]),
  );

/** Slopes along a direction, in degrees from d1 towards d2, of means along d1 and along d2. */
export function slopeAlong(first: Float64Array, second: Float64Array, angle: number) {
  const turn = (angle * Math.PI) / 180;
  const [along, across] = [Math.cos(turn), Math.sin(turn)];
  return first.map((value, at) => along * value + across * second[at]);
}
