import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { formatDistance, restFor } from "../src/live/intro.ts";
import { countInBins, countInLines, findMinima, findNngpps, highestStack, medianDistance } from "../src/live/optima.ts";
import { heightAt, toRows } from "../src/live/surface.ts";
import { areFor, Sampler, slopeAlong } from "../src/live/tables.ts";
import { batchMeans, PURPOSES, staticMeans, Urns } from "../src/live/urns.ts";

interface Case {
  seed: number;
  purpose: keyof typeof PURPOSES;
  draw: number;
  points: number;
  samples: number;
  size: number;
  urns: number[][];
}

// what the engine draws: tests/landscape_core/sampling/test_urns_of_the_browser.py keeps it so
const CASES: Case[] = JSON.parse(readFileSync("tests/urns.json", "utf8"));
const range = (count: number) => Array.from({ length: count }, (_, at) => at);

test("mini-batches are the very ones of the engine", () => {
  assert.ok(CASES.length > 4);
  for (const { seed, purpose, draw, points, samples, size, urns } of CASES) {
    const drawn = new Urns(seed, PURPOSES[purpose], range(points), points, samples, draw);
    for (const part of [Math.min(2, size), size]) drawn.shuffle(part); // a larger batch goes on where a smaller one stopped
    urns.forEach((urn, at) => {
      assert.deepEqual([...drawn.order.subarray(at * samples, (at + 1) * samples)], urn);
    });
  }
});

test("some points of a plane have the urns that they have among all", () => {
  for (const { seed, purpose, draw, points, samples, size, urns } of CASES) {
    const wanted = range(points).filter((at) => at % 3 === 1);
    const drawn = new Urns(seed, PURPOSES[purpose], wanted, points, samples, draw);
    drawn.shuffle(size);
    wanted.forEach((point, at) => {
      assert.deepEqual([...drawn.order.subarray(at * samples, (at + 1) * samples)], urns[point]);
    });
  }
});

test("means are those of the samples in the batch, whichever side of the urn is summed", () => {
  const samples = 7;
  const table = Float32Array.from(range(3 * samples), (at) => ((at * 37) % 11) - 4);
  for (let size = 1; size <= samples; size += 1) {
    const urns = new Urns(5, PURPOSES.lines, range(3), 3, samples);
    const [means] = batchMeans([table], urns, size);
    for (const point of range(3)) {
      const batch = [...urns.order.subarray(point * samples, point * samples + size)];
      const mean = batch.reduce((sum, one) => sum + table[point * samples + one], 0) / size;
      assert.ok(Math.abs(means[point] - mean) < 1e-12);
      assert.equal(new Set(batch).size, size);
    }
  }
});

test("a sampler draws anew for another seed and goes on for another size", () => {
  const table = Float32Array.from(range(40), (at) => at % 10);
  const sent = {
    for: {},
    free: [],
    points: range(4),
    among: 4,
    positions: range(4),
    samples: 10,
    tables: [],
    true: [],
  };
  const sampler = new Sampler(sent, "lines", [table]);
  const first = sampler.draw(3, 1)[0];
  assert.notDeepEqual(sampler.draw(3, 2)[0], first);
  sampler.draw(9, 1);
  assert.deepEqual(sampler.draw(3, 1)[0], first);
  assert.ok(sampler.draw(10, 8)[0].every((mean) => mean === 4.5));
});

test("tables are for a study or they are not", () => {
  const sent = { for: { seed: 1, range: 20, batch_size: 1 }, free: ["batch_size"] };
  assert.ok(areFor(sent, { seed: 1, range: 20, batch_size: 3 }));
  assert.ok(!areFor(sent, { seed: 1, range: 10, batch_size: 3 }));
  assert.ok(!areFor(sent, { seed: 1, range: 20, batch_size: 3, problem: "wine" })); // of the paper's no problem is stated
  assert.ok(areFor({ for: { hidden: [8, 8] }, free: [] }, { hidden: [8, 8] }));
});

test("optima by strict comparison", () => {
  assert.deepEqual(findMinima([3, 1, 2, 2, 0]), [1]);
  assert.deepEqual(findMinima([1, 1, 1, 0.5, 0.5, 2]), []);
  assert.deepEqual(findNngpps([-1, 2, -1, 0, 1]), [1]);
});

test("bins hold both ends", () => {
  const counts = countInBins([-20, -19.9, 0, 20], 20);
  assert.deepEqual([counts[0], counts[10], counts[19]], [2, 1, 1]);
  assert.equal(
    counts.reduce((sum, one) => sum + one),
    4,
  );
});

test("bars of several lines stand on each other", () => {
  assert.equal(highestStack(countInLines([-20, 0, 20], [[1], [0, 1], []])), 2);
});

test("a slope along a direction of the plane", () => {
  const [first, second] = [Float64Array.of(1, 0), Float64Array.of(0, 2)];
  assert.ok(Math.abs(slopeAlong(first, second, 45)[0] - Math.SQRT1_2) < 1e-12);
  assert.ok(Math.abs(slopeAlong(first, second, 90)[1] - 2) < 1e-12);
});

interface Distances {
  positions: number[];
  full: { loss: number[][]; slope: number[][] };
  draws: { loss: number[][]; slope: number[][]; minima: number | null; nngpps: number | null; words: string[] }[];
}

test("distances from the nearest true optimum are those of the engine, to the words", () => {
  // tests/app/panels/test_intro.py keeps it so
  const cases: Distances[] = JSON.parse(readFileSync("tests/distances.json", "utf8"));
  let compared = 0;
  for (const { positions, full, draws } of cases) {
    const truth = { minima: full.loss.map(findMinima), nngpps: full.slope.map(findNngpps) };
    for (const { loss, slope, minima, nngpps, words } of draws) {
      const found = { minima: loss.map(findMinima), nngpps: slope.map(findNngpps) };
      for (const [name, expected, word] of [
        ["minima", minima, words[0]],
        ["nngpps", nngpps, words[1]],
      ] as const) {
        const distance = medianDistance(positions, found[name], truth[name]);
        if (expected === null) assert.ok(Number.isNaN(distance));
        else assert.ok(Math.abs(distance - expected) < 1e-12);
        assert.equal(formatDistance(distance), word);
        compared += 1;
      }
    }
  }
  assert.ok(compared > 20);
});

test("a line without a true optimum is left out of distances", () => {
  const positions = [0, 1, 2, 3, 4];
  assert.equal(medianDistance(positions, [[0, 1, 2], [3]], [[], [0]]), 3);
  assert.equal(medianDistance(positions, [[0, 1, 2, 4]], [[0]]), 1.5);
  assert.ok(Number.isNaN(medianDistance(positions, [[1], []], [[], [2]])));
});

test("between its points a grid is straight along both sides", () => {
  const positions = [-1, 0, 1];
  const rows = toRows(Float32Array.from([0, 1, 2, 10, 11, 12, 20, 21, 22]), 3);
  const at = (x: number, y: number) => heightAt(positions, positions, rows, [x, y]);
  assert.deepEqual([at(0, 0), at(0.5, -0.5), at(1, 1), at(-1, -1)], [11, 6.5, 22, 0]);
  assert.equal(heightAt([0, 1], positions, rows, [1, 0]), 11); // sides of their own
});

test("a batch that is kept is one urn's, at every point", () => {
  const samples = 9;
  const table = Float32Array.from(range(3 * samples), (at) => ((at * 37) % 11) - 4);
  const urn = new Urns(5, PURPOSES.static, [0], 1, samples, 2);
  urn.shuffle(4);
  const means = staticMeans(table, samples, 4, 5, 2);
  for (const point of range(3)) {
    const mean = [...urn.order.subarray(0, 4)].reduce((sum, one) => sum + table[point * samples + one], 0) / 4;
    assert.ok(Math.abs(means[point] - mean) < 1e-12);
  }
});

test("along a line of the plane samples are those between its points", () => {
  const positions = [-1, 0, 1];
  const plane = (of: (x: number, y: number, sample: number) => number) =>
    Float32Array.from(positions.flatMap((y) => positions.flatMap((x) => range(2).map((sample) => of(x, y, sample)))));
  const tables = [plane((x, y, sample) => x + 10 * y + 100 * sample), plane((x) => x), plane((_x, y) => -y)];
  const sent = { for: {}, free: [], points: range(9), among: 9, positions, samples: 2, tables: [], true: [] };
  const line = new Sampler(sent, "plane", tables).along({ through: [0.5, 0], unit: [0, 1] }, [-2, -0.5, 0.25, 1]);
  const [loss, slope] = line.draw(2, 7); // the full batch
  const near = (values: Float64Array, expected: number[]) =>
    expected.forEach((one, at) => {
      assert.ok(Number.isNaN(one) ? Number.isNaN(values[at]) : Math.abs(values[at] - one) < 1e-5);
    });
  near(loss, [Number.NaN, 45.5, 53, 60.5]);
  near(slope, [Number.NaN, 0.5, -0.25, -1]);
});

test("the sentence above the pictures calls the full batch that, and leaves other ways of drawing alone", () => {
  assert.equal(restFor(" of 150 samples. Click.", 150), " of 150 samples: the full batch. Click.");
  assert.equal(restFor(" of 1,797 samples: the full batch, at each.", 3), " of 1,797 samples, at each.");
  for (const rest of [" of 150 samples, with replacement.", " of 150 shuffled samples."])
    assert.equal(restFor(rest, 150), rest);
});
