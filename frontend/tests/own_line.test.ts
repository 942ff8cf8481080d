import assert from "node:assert/strict";
import { test } from "node:test";
import { describeLine, isSameLine, lineThrough } from "../src/live/own_line.ts";

test("a dragged line is the one that the server makes of it", () => {
  // tests/app/views/test_explore.py has the same
  const tilted = lineThrough({ x0: -10, y0: -4, x1: 10, y1: 16 }, 20);
  assert.deepEqual(tilted?.through, [-3, 3]);
  assert.ok(tilted && Math.abs(tilted.unit[0] - Math.SQRT1_2) < 1e-12);
  assert.equal(describeLine(tilted), "along 45° through (−3, 3).");
  const far = lineThrough({ x0: 19, y0: -20, x1: 20, y1: -19 }, 20);
  assert.deepEqual(far?.through, [19.5, -19.5]);
  assert.equal(lineThrough({ x0: 1, y0: 1, x1: 1, y1: 1 }, 20), null);
});

test("a line that is dragged along itself is the same", () => {
  const line = lineThrough({ x0: -5, y0: -5, x1: 5, y1: 5 }, 20);
  const further = lineThrough({ x0: -4, y0: -4, x1: 9, y1: 9 }, 20);
  const beside = lineThrough({ x0: -4, y0: -4.1, x1: 9, y1: 9 }, 20);
  assert.ok(line && further && beside);
  assert.ok(isSameLine(line, further, 20));
  assert.ok(!isSameLine(line, beside, 20));
});
