/** Cameras: where surfaces are seen from, and how that stands in a link. */

export type Point = { x: number; y: number; z: number };
export type Camera = { eye: Point; center?: Point; up?: Point };

const AXES = ["x", "y", "z"] as const;

/** As `app/plotting` has it: a test compares them. */
export const HOME = {
  eye: { x: 0.39, y: -1.57, z: 0.41 },
  center: { x: 0, y: 0, z: -0.12 },
  up: { x: 0, y: 0, z: 1 },
};
const STEEPEST = 1.5; // radians; straight down the view would spin
const LEAST_TILT = 0.01; // a horizontal view along an axis keeps Plotly looking for places of its ticks for ever

/** The camera that a surface comes with, seen from above or below; it needs no place in the link. */
export const homeCamera = (below: boolean): Camera =>
  below ? { ...HOME, eye: { ...HOME.eye, z: -0.72 }, center: { ...HOME.center, z: 0.06 } } : { ...HOME };

const looking = (eye: Point, z: number): Camera => ({ eye, center: { x: 0, y: 0, z }, up: HOME.up });

/** Where the buttons look from, by their ids. */
export const PRESETS: Record<string, Camera> = {
  perspective: homeCamera(false),
  "from-top": looking({ x: 0, y: -0.52, z: 1.58 }, -0.04), // not quite straight down: ticks of d1 then lie below
  "from-below": homeCamera(true),
  "side-d1": looking({ x: 0, y: -1.66, z: 0.3 }, -0.06),
  "side-d2": looking({ x: 1.66, y: 0, z: 0.3 }, -0.06),
};

/** Turn an eye around the upright axis, and up, by angles in radians. */
export function rotateEye(eye: Point, around: number, up: number): Point {
  const length = Math.hypot(eye.x, eye.y, eye.z);
  const azimuth = Math.atan2(eye.y, eye.x) + around;
  const height = Math.max(-STEEPEST, Math.min(STEEPEST, Math.asin(eye.z / length) + up));
  const flat = length * Math.cos(height);
  return { x: flat * Math.cos(azimuth), y: flat * Math.sin(azimuth), z: length * Math.sin(height) };
}

export const hasSameEye = (one: Camera, other: Camera) =>
  Boolean(one.eye) && AXES.every((axis) => Math.abs(one.eye[axis] - other.eye[axis]) < 1e-6);

/** The button whose camera this is; "" if it is none of theirs. */
export const presetOf = (camera: Camera) =>
  Object.keys(PRESETS).find((name) => hasSameEye(PRESETS[name], camera)) ?? "";

/** Six numbers: the eye, and the point that it looks at. */
export const formatCamera = (camera: Camera) =>
  [camera.eye, camera.center].flatMap((point) => AXES.map((axis) => Number((point?.[axis] || 0).toFixed(3)))).join(",");

/** The camera of six numbers; null for any other text. */
export function parseCamera(text: string | null): Camera | null {
  const numbers = (text || "").split(",").map(Number);
  if (numbers.length !== 6 || !numbers.every(Number.isFinite)) return null;
  const point = (at: number) => ({ x: numbers[at], y: numbers[at + 1], z: numbers[at + 2] });
  const [eye, center] = [point(0), point(3)];
  if (Math.abs(eye.z - center.z) < LEAST_TILT) eye.z = center.z + LEAST_TILT;
  return { eye, center, up: HOME.up };
}
