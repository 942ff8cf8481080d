import assert from "node:assert/strict";
import { test } from "node:test";
import { type Along, nearestIndex, project, spotAlong, spotAt } from "../src/crosshair/spot.ts";

const half = Math.SQRT1_2;
const LINES: Along[] = [
  { group: "d1", through: [0, 0], unit: [1, 0] },
  { group: "d1+d2", through: [0, 0], unit: [half, half] },
];
const OWN: Along = { group: "", through: [3, -1], unit: [0, 1] };

test("a position lies on every line", () => {
  const { position, points } = spotAlong([...LINES, OWN], 2);
  assert.equal(position, 2);
  assert.deepEqual(
    points.map(({ group }) => group),
    ["d1", "d1+d2", ""],
  );
  assert.deepEqual(points[0].place, [2, 0]);
  assert.ok(Math.abs(points[1].place[0] - 2 * half) < 1e-12);
  assert.deepEqual(points[2].place, [3, 1]);
});

test("a place near a line is its nearest point, of the nearest line", () => {
  const { position, points } = spotAt(LINES, [5, 0.2], 0.5);
  assert.equal(position, 5);
  assert.deepEqual(points, [{ group: "d1", place: [5, 0] }]);
  const other = spotAt(LINES, [5, 4.9], 0.5);
  assert.equal(other.points[0].group, "d1+d2");
  assert.ok(Math.abs((other.position ?? 0) - 9.9 * half) < 1e-12);
  assert.equal(spotAt([OWN], [3.1, 4], 0.5).position, 5);
});

test("a place beside all lines has no position", () => {
  assert.deepEqual(spotAt(LINES, [5, 2], 0.5), { position: null, points: [{ group: "", place: [5, 2] }] });
  assert.equal(spotAt([], [0, 0], 1).position, null);
});

test("the nearest grid point, the first of two", () => {
  assert.equal(nearestIndex([-2, -1, 0, 1], 0.4), 2);
  assert.equal(nearestIndex([0, 1], 0.5), 0);
});

test("a camera sees a point where its matrices say, and none behind it", () => {
  const one = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  assert.deepEqual(project({ model: one, view: one, projection: one }, [0, 0, 0]), { x: 0.5, y: 0.5 });
  const moved = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0.5, 0.5, 0, 1];
  assert.deepEqual(project({ model: moved, view: one, projection: one }, [0, 0, 0]), { x: 0.75, y: 0.25 });
  const lens = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, -1, 0, 0, 0, 0]; // depth: how far ahead, along −z
  assert.deepEqual(project({ model: one, view: one, projection: lens }, [1, 0, -2]), { x: 0.75, y: 0.5 });
  assert.equal(project({ model: one, view: one, projection: lens }, [1, 0, 2]), null);
});
