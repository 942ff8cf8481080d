import assert from "node:assert/strict";
import { test } from "node:test";
import { fitBox, readableAxes } from "../src/plotly/box.ts";
import { type Camera, homeCamera, PRESETS } from "../src/plotly/camera_link.ts";

const WIDE = { width: 534, height: 204, above: 38, type: 1 };
const CAMERAS: Camera[] = Object.values(PRESETS);

/** Where the corners of a box lie in a graph, in pixels from its upper left corner, as Plotly draws them. */
function corners(
  { eye, center = { x: 0, y: 0, z: 0 } }: Camera,
  box: { x: number; y: number; z: number },
  room = WIDE,
) {
  const away = Math.hypot(eye.x - center.x, eye.y - center.y, eye.z - center.z);
  const [a, b, c] = [eye.x - center.x, eye.y - center.y, eye.z - center.z].map((value) => value / away);
  const level = Math.hypot(a, b);
  const focal = room.height / 2 / Math.tan(Math.PI / 8);
  return [-0.5, 0.5].flatMap((x) =>
    [-0.5, 0.5].flatMap((y) =>
      [-0.5, 0.5].map((z) => {
        const [px, py, pz] = [x * box.x - eye.x, y * box.y - eye.y, z * box.z - eye.z];
        const depth = -(px * a + py * b + pz * c);
        const across = (-px * b + py * a) / level;
        const up = pz * level - (c * (px * a + py * b)) / level;
        return [room.width / 2 + (focal * across) / depth, room.height / 2 - (focal * up) / depth];
      }),
    ),
  );
}

test("no camera of a button cuts the box, and each fills its graph one way", () => {
  for (const room of [WIDE, { width: 330, height: 243, above: 4, type: 1 }, { ...WIDE, height: 420 }]) {
    for (const camera of CAMERAS) {
      const places = corners(camera, fitBox(camera, room), room);
      const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
      assert.ok(Math.min(...xs) > 0 && Math.max(...xs) < room.width);
      assert.ok(Math.min(...ys) > room.above - 6 && Math.max(...ys) < room.height - 10);
      const [wide, high] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
      assert.ok(wide > 0.6 * (room.width - 80) || high > 0.6 * (room.height - room.above - 28), `${wide} × ${high}`);
    }
  }
});

test("a box is wide across the picture, and square as a map", () => {
  const home = fitBox(homeCamera(false), WIDE);
  assert.ok(home.x > 1.5 * home.y);
  const side = fitBox(PRESETS["side-d2"], WIDE);
  assert.ok(side.y > 1.5 * side.x);
  const top = fitBox(PRESETS["from-top"], WIDE);
  assert.ok(Math.abs(top.x / top.y - 1) < 0.01);
});

test("who comes nearer sees a larger box, not a smaller one", () => {
  const { eye, center } = homeCamera(false);
  const near = { x: eye.x / 2, y: eye.y / 2, z: (eye.z + (center?.z ?? 0)) / 2 };
  assert.ok(Math.abs(fitBox({ eye: near, center }, WIDE).x - fitBox({ eye, center }, WIDE).x) < 0.01);
});

test("larger type leaves less room for the box", () => {
  const camera = homeCamera(false);
  assert.ok(fitBox(camera, { ...WIDE, type: 1.4 }).z < fitBox(camera, WIDE).z);
});

test("an axis that points at the eye has no ticks", () => {
  assert.deepEqual(readableAxes(homeCamera(false)), ["x", "y", "z"]);
  assert.deepEqual(readableAxes(PRESETS["side-d1"]), ["x", "z"]);
  assert.deepEqual(readableAxes(PRESETS["side-d2"]), ["y", "z"]);
  assert.deepEqual(readableAxes(PRESETS["from-top"]), ["x", "y"]);
});
