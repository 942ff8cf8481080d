import assert from "node:assert/strict";
import { test } from "node:test";
import { stepTo } from "../src/inputs/held_keys.ts";

test("a held key goes as far as the ends of its slider", () => {
  assert.deepEqual(stepTo(10, 1, [1, 150]), { next: 11, share: 10 / 149 });
  assert.deepEqual(stepTo(150, 1, [1, 150]), { next: 150, share: 1 });
  assert.deepEqual(stepTo(1, -1, [1, 150]), { next: 1, share: 0 });
});
