/** The box of a scene: as large as its graph allows, and as wide, wherever it is seen from. */
import type { Camera, Point } from "./camera_link.ts";

type Room = { width: number; height: number; above: number; type: number };

const DISTANCE = 1.7; // from which a box fills its graph; who comes nearer or goes away sees it larger or smaller
const HALF_VIEW = Math.tan(Math.PI / 8); // Plotly's field of view is an eighth of a turn high
const UPRIGHT = 0.5; // least height of a box as a share of its depth
const HIGHEST = 1.41; // of a high graph
const GAIN = 1.01; // of a steeper or wider box over a plainer one
const WIDEST = 2.4; // times as wide as deep
const STEEP = 0.8; // sine of the angle from which a plane is seen as a map, and stays square
const BESIDE = 40; // pixels for ticks and titles
const NARROW = 0.1; // share of the width that they take at most, on either side
const BELOW = 28;
const LEAST = 60; // pixels that are left for the box in any case
const END_ON = 0.94; // cosine of the angle below which an axis is too short for ticks

const minus = (one: Point, other: Point): Point => ({ x: one.x - other.x, y: one.y - other.y, z: one.z - other.z });
const times = (one: Point, factor: number): Point => ({ x: one.x * factor, y: one.y * factor, z: one.z * factor });
const dot = (one: Point, other: Point) => one.x * other.x + one.y * other.y + one.z * other.z;

/** Where a camera looks, as axes of length 1: ahead, to the right and up. */
function axesOf({ eye, center = { x: 0, y: 0, z: 0 } }: Camera) {
  const view = minus(center, eye);
  const ahead = times(view, 1 / Math.hypot(view.x, view.y, view.z));
  const level = Math.hypot(ahead.x, ahead.y) || 1;
  const right = { x: ahead.y / level, y: -ahead.x / level, z: 0 };
  const up = { x: right.y * ahead.z, y: -right.x * ahead.z, z: right.x * ahead.y - right.y * ahead.x };
  return { ahead, right, up };
}

/** The rectangle of a picture in which a box lies, in heights of the picture from its middle. */
function outline(box: Point, { ahead, right, up }: ReturnType<typeof axesOf>, height: number) {
  const eye = minus({ x: 0, y: 0, z: height }, times(ahead, DISTANCE));
  const found = { left: Infinity, right: -Infinity, low: Infinity, high: -Infinity };
  for (let corner = 0; corner < 8; corner += 1) {
    const side = (axis: number) => (corner & (1 << axis) ? 0.5 : -0.5);
    const from = minus({ x: side(0) * box.x, y: side(1) * box.y, z: side(2) * box.z }, eye);
    const depth = 2 * HALF_VIEW * Math.max(0.05, dot(from, ahead));
    const [across, upwards] = [dot(from, right) / depth, dot(from, up) / depth];
    found.left = Math.min(found.left, across);
    found.right = Math.max(found.right, across);
    found.low = Math.min(found.low, upwards);
    found.high = Math.max(found.high, upwards);
  }
  return found;
}

/** The sides of the largest box that a graph holds with its ticks and titles; a plane that is seen as a map is square. */
export function fitBox(camera: Camera, { width, height, above, type }: Room): Point {
  const seen = axesOf(camera);
  const raised = Math.max(-0.25, Math.min(0.1, camera.center?.z ?? 0));
  const across = Math.max(LEAST, width / 2 - type * Math.min(BESIDE, NARROW * width)) / height;
  const [top, bottom] = [above, type * BELOW].map((taken) => Math.max(LEAST / 2, height / 2 - taken) / height);
  const flat = Math.min(1, Math.abs(seen.ahead.z) / STEEP) ** 4;
  const wide = seen.right.x ** 4 / (seen.right.x ** 4 + seen.right.y ** 4); // how far d1 runs across the picture, not d2
  let best = { area: 0, box: { x: 1, y: 1, z: UPRIGHT } };
  for (let upright = UPRIGHT; upright < HIGHEST; upright += 0.1) {
    for (let stretch = 1; stretch < WIDEST + 0.01; stretch += 0.1) {
      const more = (stretch - 1) * (1 - flat);
      const shape = { x: 1 + more * wide, y: 1 + more * (1 - wide), z: upright };
      let [least, most] = [0, 3];
      for (let step = 0; step < 12; step += 1) {
        const middle = (least + most) / 2;
        const found = outline(times(shape, middle), seen, raised);
        const fits = -found.left < across && found.right < across && found.high < top && -found.low < bottom;
        if (fits) least = middle;
        else most = middle;
      }
      const box = times(shape, least);
      const found = outline(box, seen, raised);
      const area = (found.right - found.left) * (found.high - found.low);
      if (area > best.area * GAIN) best = { area, box };
    }
  }
  return best.box;
}

/** Which axes are seen from the side, and have ticks that can be told apart. */
export function readableAxes(camera: Camera) {
  const { ahead } = axesOf(camera);
  return (["x", "y", "z"] as const).filter((axis) => Math.abs(ahead[axis]) < END_ON);
}
