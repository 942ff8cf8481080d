/**
 * Mini-batches in the browser, the very ones of the server: `landscape_core/sampling/minibatches.py` says what they are, and a
 * test compares them.
 */
import { BLOCK, makeKey, Philox } from "./philox.ts";

/** Streams, as numbered in `landscape_core/random_streams.py`. */
export const PURPOSES = { plane: 0, lines: 1, static: 2, line_probe: 6 };

const HALVES = 2 * BLOCK; // numbers in a block of the stream, of 32 bits each

/** The urns of one draw, shuffled as far as the largest batch size so far needs. */
export class Urns {
  /** The samples of each urn, urn after urn. */
  readonly order: Uint16Array;
  readonly wanted: ArrayLike<number>;
  readonly samples: number;
  readonly #points: number;
  readonly #stream: Philox;
  #done = 0; // places that hold their samples

  /**
   * @param wanted numbers of the points that are wanted, rising
   * @param points how many share the stream
   */
  constructor(seed: number, purpose: number, wanted: ArrayLike<number>, points: number, samples: number, draw = 0) {
    this.wanted = wanted;
    this.samples = samples;
    this.#points = points;
    this.#stream = new Philox(makeKey(seed, [purpose, draw]));
    this.order = new Uint16Array(wanted.length * samples).map((_, at) => at % samples);
  }

  /** Shuffle until the first places of each urn hold its mini-batch. */
  shuffle(size: number) {
    const { order, wanted, samples } = this;
    const numbers = 2 * Math.ceil(this.#points / 2); // of the stream, a step
    const end = Math.min(size, samples - 1);
    let made = -1;
    for (; this.#done < end; this.#done += 1) {
      const step = this.#done;
      for (let urn = 0; urn < wanted.length; urn += 1) {
        const number = step * numbers + wanted[urn];
        const block = Math.floor(number / HALVES);
        if (block !== made) this.#stream.make(block);
        made = block;
        const place = step + Math.floor((this.#stream.words[number % HALVES] * (samples - step)) / 2 ** 32);
        const [here, chosen] = [urn * samples + step, urn * samples + place];
        const picked = order[chosen];
        order[chosen] = order[here];
        order[here] = picked;
      }
    }
  }
}

/** Means of each urn's mini-batch of some quantities, given for all samples at each point. */
export function batchMeans(tables: Float32Array[], urns: Urns, size: number) {
  urns.shuffle(size);
  const { order, samples } = urns;
  const rest = 2 * size > samples; // the smaller side of the urn is summed
  const [from, to] = rest ? [size, samples] : [0, size];
  return tables.map((table) =>
    Float64Array.from(urns.wanted, (_, urn) => {
      const first = urn * samples;
      let total = 0;
      if (rest) for (let at = first; at < first + samples; at += 1) total += table[at];
      let chosen = 0;
      for (let at = first + from; at < first + to; at += 1) chosen += table[first + order[at]];
      return (rest ? total - chosen : chosen) / size;
    }),
  );
}

/** Means of a quantity, point after point, of one mini-batch that is kept at all of them. */
export function staticMeans(table: Float32Array, samples: number, size: number, seed: number, draw: number) {
  const urn = new Urns(seed, PURPOSES.static, [0], 1, samples, draw);
  urn.shuffle(size);
  const batch = urn.order.subarray(0, size);
  return Float64Array.from({ length: table.length / samples }, (_, point) => {
    let total = 0;
    for (const sample of batch) total += table[point * samples + sample];
    return total / size;
  });
}
