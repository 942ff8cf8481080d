import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatCamera,
  HOME,
  hasSameEye,
  homeCamera,
  PRESETS,
  parseCamera,
  presetOf,
  rotateEye,
} from "../src/plotly/camera_link.ts";

const distance = ({ x, y, z }: { x: number; y: number; z: number }) => Math.hypot(x, y, z);

test("a camera comes back from its link", () => {
  assert.equal(formatCamera(homeCamera(false)), "0.39,-1.57,0.41,0,0,-0.12");
  assert.deepEqual(parseCamera("0.39,-1.57,0.41,0,0,-0.12"), homeCamera(false));
  assert.equal(formatCamera({ eye: { x: 1.23456, y: -0.0001, z: 0 } }), "1.235,0,0,0,0,0");
});

test("what is no six numbers is no camera", () => {
  for (const text of [null, "", "1,2,3", "1,2,3,4,5,x", "1,2,3,4,5,Infinity", "1,2,3,4,5,6,7"]) {
    assert.equal(parseCamera(text), null);
  }
});

test("from below the eye looks up", () => {
  assert.ok(homeCamera(true).eye.z < (homeCamera(true).center?.z ?? 0));
});

test("each button looks from a place of its own, and is known by it", () => {
  for (const [name, camera] of Object.entries(PRESETS)) {
    assert.equal(presetOf(camera), name);
    assert.deepEqual(parseCamera(formatCamera(camera)), camera);
  }
  assert.ok(PRESETS["from-below"].eye.z < 0);
  const { x, y, z } = PRESETS["from-top"].eye;
  assert.ok(z > 2 * Math.hypot(x, y));
  assert.deepEqual([PRESETS["side-d1"].eye.x, PRESETS["side-d2"].eye.y], [0, 0]);
  assert.equal(presetOf({ eye: { x: 1, y: 1, z: 1 } }), "");
});

test("no link looks along a horizontal line", () => {
  assert.equal(parseCamera("0,-1.9,0,0,0,0")?.eye.z, 0.01);
});

test("turning keeps the distance, and stops short of straight up", () => {
  const right = rotateEye({ x: 1, y: 0, z: 0 }, Math.PI / 2, 0);
  assert.ok(hasSameEye({ eye: right }, { eye: { x: 0, y: 1, z: 0 } }));
  const steep = rotateEye(HOME.eye, 0, 10);
  assert.ok(Math.abs(distance(steep) - distance(HOME.eye)) < 1e-12);
  assert.ok(Math.abs(Math.asin(steep.z / distance(steep)) - 1.5) < 1e-12);
});
