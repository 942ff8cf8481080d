import assert from "node:assert/strict";
import { test } from "node:test";
import { unpackGrid, unpackTrace } from "../src/wire/grids.ts";

/** The code as `app/plotting/plotly/wire.py` describes it, number by number. */
function pack(rows: number[][]) {
  const whole = rows.map((row) => [...new Int32Array(new Float32Array(row).buffer)]);
  const zigzags = whole.flatMap((row, y) =>
    row.map((value, x) => {
      const left = x > 0 ? row[x - 1] : null;
      const above = y > 0 ? whole[y - 1][x] : left;
      const predicted = Math.floor((Number(left ?? above ?? 0) + Number(above ?? 0)) / 2);
      const difference = (value - predicted) | 0;
      return ((difference << 1) ^ (difference >> 31)) >>> 0;
    }),
  );
  const bytes = [0, 8, 16, 24].flatMap((shift) => zigzags.map((one) => (one >>> shift) & 255));
  return {
    packed: btoa(String.fromCharCode(...bytes)),
    shape: [rows.length, rows[0].length] as [number, number],
    spare: 0,
  };
}

test("grids come out bit for bit", () => {
  const rows = [
    [0.1, -0.5, 3e-8],
    [1e6, 0, -0],
    [Number.NaN, Number.POSITIVE_INFINITY, 1.5],
  ];
  assert.deepEqual(
    unpackGrid(pack(rows)),
    rows.map((row) => new Float32Array(row)),
  );
});

test("bits that were not sent are zero", () => {
  const grid = { packed: btoa("\x02\0\0\0"), shape: [1, 1] as [number, number], spare: 30 };
  assert.deepEqual(unpackGrid(grid), [new Float32Array([2])]);
});

test("the same grid gives the same arrays, and only grids are unpacked", () => {
  const grid = pack([[1, 2]]);
  const trace = unpackTrace({ z: grid, x: [0, 1], text: null });
  assert.equal(trace.z, unpackGrid(grid));
  assert.deepEqual([trace.x, trace.text], [[0, 1], null]);
});
