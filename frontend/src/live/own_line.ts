/** The line that is being dragged on Explore's map, as the server will have it: `moved` of `app/callbacks/explore.py`. */
import type { Line } from "./tables.ts";

type Ends = { x0: number; y0: number; x1: number; y1: number };

const DIGITS = 4;

const short = (value: number) => Number(value.toPrecision(DIGITS));

/** A line by its ends: through the point that is nearest to the start point, or its middle where that lies off the plane. */
export function lineThrough({ x0, y0, x1, y1 }: Ends, reach: number): Line | null {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length > 1e-9 * reach)) return null;
  const angle = (short((Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI) * Math.PI) / 180;
  const unit = [(x1 - x0) / length, (y1 - y0) / length];
  const along = x0 * unit[0] + y0 * unit[1];
  const nearest = [x0 - along * unit[0], y0 - along * unit[1]];
  const place = nearest.every((one) => Math.abs(one) <= reach) ? nearest : [(x0 + x1) / 2, (y0 + y1) / 2];
  const [x, y] = place.map((one) => Math.max(-reach, Math.min(reach, short(one))));
  return { through: [x, y], unit: [Math.cos(angle), Math.sin(angle)] };
}

/** Whether two lines are the same to the digits that count. */
export const isSameLine = (one: Line, other: Line, reach: number) =>
  [0, 1].every(
    (side) =>
      Math.abs(one.through[side] - other.through[side]) < 1e-6 * reach &&
      Math.abs(one.unit[side] - other.unit[side]) < 1e-6,
  );

export function describeLine({ through, unit }: Line) {
  const angle = short((Math.atan2(unit[1], unit[0]) * 180) / Math.PI);
  return `along ${angle}° through (${through.map((one) => short(one)).join(", ")}).`.replaceAll("-", "−");
}
