/**
 * The random words behind mini-batches, the very ones of the server: numpy's `SeedSequence`, and Philox 4×64 with ten rounds
 * (Salmon et al., 2011). A word of 64 bits is two numbers of 32 bits here, the lower one first.
 */

const ROUNDS = 10;
const MULTIPLIERS = [0xe14c6c93, 0xd2e7470e, 0x95121157, 0xca5a8263]; // two words
const STEPS = [0x7f4a7c15, 0x9e3779b9, 0x84caa73b, 0xbb67ae85]; // of the key, likewise
const HALF = 2 ** 32;

/** Words that a block holds. */
export const BLOCK = 4;

/** The upper 32 bits of the product of two numbers of 32 bits. */
function multiplyHigh(first: number, second: number) {
  const low = first * (second & 0xffff);
  return Math.floor((first * (second >>> 16) + Math.floor(low / 0x10000)) / 0x10000);
}

/** Products of a word (at `from` in `words`) with a constant one: lower and upper word, four numbers. */
function multiply(words: Uint32Array, from: number, low: number, high: number, product: Uint32Array) {
  const [a, b] = [words[from], words[from + 1]];
  const first = multiplyHigh(a, low) + (Math.imul(a, high) >>> 0) + (Math.imul(b, low) >>> 0);
  const second = multiplyHigh(a, high) + multiplyHigh(b, low) + (Math.imul(b, high) >>> 0) + Math.floor(first / HALF);
  product[0] = Math.imul(a, low);
  product[1] = first;
  product[2] = second;
  product[3] = multiplyHigh(b, high) + Math.floor(second / HALF);
}

/** The numbers of a stream, a block of four words at a time, from any place. */
export class Philox {
  readonly #key: Uint32Array;
  readonly #products = [new Uint32Array(4), new Uint32Array(4)];
  readonly #turning = new Uint32Array(4);
  /** The block that was made last. */
  readonly words = new Uint32Array(2 * BLOCK);

  constructor(key: Uint32Array) {
    this.#key = key;
  }

  /** Make the block of a number, from 0. */
  make(block: number) {
    const { words } = this;
    const [left, right] = this.#products;
    const key = this.#turning;
    key.set(this.#key);
    words.fill(0);
    words[0] = block + 1; // numpy counts before it makes a block
    words[1] = Math.floor((block + 1) / HALF);
    for (let round = 0; round < ROUNDS; round += 1) {
      multiply(words, 0, MULTIPLIERS[0], MULTIPLIERS[1], left);
      multiply(words, 4, MULTIPLIERS[2], MULTIPLIERS[3], right);
      words[0] = right[2] ^ words[2] ^ key[0];
      words[1] = right[3] ^ words[3] ^ key[1];
      words[2] = right[0];
      words[3] = right[1];
      words[4] = left[2] ^ words[6] ^ key[2];
      words[5] = left[3] ^ words[7] ^ key[3];
      words[6] = left[0];
      words[7] = left[1];
      for (const at of [0, 2]) {
        const sum = key[at] + STEPS[at];
        key[at] = sum;
        key[at + 1] += STEPS[at + 1] + (sum >= HALF ? 1 : 0);
      }
    }
  }
}

const POOL = 4;

/** The key of a stream, as numpy's `SeedSequence(seed, spawn_key=…)` makes it. A seed has 53 bits. */
export function makeKey(seed: number, spawnKey: number[]) {
  const own = [seed % HALF, Math.floor(seed / HALF), 0, 0];
  const entropy = [...own, ...spawnKey];
  let constant = 0x43b0d7e5;
  const hash = (value: number) => {
    const mixed = value ^ constant;
    constant = Math.imul(constant, 0x931e8875);
    const product = Math.imul(mixed, constant);
    return product ^ (product >>> 16);
  };
  const mix = (first: number, second: number) => {
    const sum = (Math.imul(0xca01f9dd, first) - Math.imul(0x4973f715, second)) | 0;
    return sum ^ (sum >>> 16);
  };
  const pool = entropy.slice(0, POOL).map(hash);
  for (let from = 0; from < POOL; from += 1) {
    for (let to = 0; to < POOL; to += 1) {
      if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
    }
  }
  for (const value of entropy.slice(POOL)) {
    for (let to = 0; to < POOL; to += 1) pool[to] = mix(pool[to], hash(value));
  }
  let last = 0x8b51f9dd;
  return Uint32Array.from(pool, (value) => {
    const mixed = value ^ last;
    last = Math.imul(last, 0x58f38ded);
    const product = Math.imul(mixed, last);
    return product ^ (product >>> 16);
  });
}
