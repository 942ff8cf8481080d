/**
 * Grids of numbers as the server sends them, see `app/plotting/plotly/wire.py`: differences from neighbours in zigzag code,
 * the lowest bytes of all first, then the next ones.
 */
import { decodeBytes } from "./base64.ts";

export interface PackedGrid {
  packed: string;
  shape: [number, number];
  spare: number; // lowest bits of each number, which are 0 and not sent
}

const unpacked = new WeakMap<PackedGrid, Float32Array[]>();

/** The rows of a grid, the same arrays each time: Plotly takes others for other numbers. */
export function unpackGrid(grid: PackedGrid) {
  const known = unpacked.get(grid);
  if (known) return known;
  const [rows, columns] = grid.shape;
  const count = rows * columns;
  const bytes = decodeBytes(grid.packed);
  const whole = new Int32Array(count);
  for (let at = 0; at < count; at += 1) {
    const zigzag = bytes[at] | (bytes[at + count] << 8) | (bytes[at + 2 * count] << 16) | (bytes[at + 3 * count] << 24);
    const left = at % columns ? whole[at - 1] : null;
    const above = at < columns ? (left ?? 0) : whole[at - columns];
    whole[at] = Math.floor(((left ?? above) + above) / 2) + ((zigzag >>> 1) ^ -(zigzag & 1));
  }
  const values = new Float32Array(whole.map((one) => one << grid.spare).buffer);
  const made = Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns));
  unpacked.set(grid, made);
  return made;
}

export const unpackTrace = (trace: Record<string, any>) =>
  Object.fromEntries(
    Object.entries(trace).map(([name, value]) => [name, value?.packed === undefined ? value : unpackGrid(value)]),
  );
