/** A spot that is pointed at: a position along lines of the plane, or any place on it. */

export type Place = [number, number]; // coordinates along d1 and d2

/** A line of the plane, as `Along` of `app/plotting/model.py`. */
export interface Along {
  group: string; // of its curves in charts, and the name of its curve on surfaces; "" where there is but one line
  through: Place;
  unit: Place;
}

export interface Spot {
  position: number | null; // along the lines; null beside them
  points: { group: string; place: Place }[];
}

const placeAt = ({ through, unit }: Along, position: number): Place => [
  through[0] + position * unit[0],
  through[1] + position * unit[1],
];

/** The same position on some lines. */
export const spotAlong = (lines: Along[], position: number): Spot => ({
  position,
  points: lines.map((line) => ({ group: line.group, place: placeAt(line, position) })),
});

/** A place of the plane: on the nearest of some lines, if that is near, or beside them. */
export function spotAt(lines: Along[], place: Place, near: number): Spot {
  let [nearest, least] = [null as Spot | null, near];
  for (const line of lines) {
    const [x, y] = [place[0] - line.through[0], place[1] - line.through[1]];
    const away = Math.abs(x * line.unit[1] - y * line.unit[0]);
    if (away > least) continue;
    least = away;
    nearest = spotAlong([line], x * line.unit[0] + y * line.unit[1]);
  }
  return nearest ?? { position: null, points: [{ group: "", place }] };
}

/** The index of the number that is nearest to a place. */
export function nearestIndex(axis: ArrayLike<number>, place: number) {
  let best = 0;
  for (let index = 1; index < axis.length; index += 1) {
    if (Math.abs(axis[index] - place) < Math.abs(axis[best] - place)) best = index;
  }
  return best;
}

type Matrix = ArrayLike<number>; // 4 × 4, column after column

const times = (matrix: Matrix, vector: number[]) =>
  [0, 1, 2, 3].map((row) => vector.reduce((sum, value, column) => sum + matrix[4 * column + row] * value, 0));

/** Where a camera sees a point: as shares of the picture, from its left and its upper end; null behind the camera. */
export function project(camera: { model: Matrix; view: Matrix; projection: Matrix }, point: number[]) {
  const [x, y, , depth] = [camera.model, camera.view, camera.projection].reduce<number[]>(
    (seen, matrix) => times(matrix, seen),
    [...point, 1],
  );
  return depth > 0 ? { x: (1 + x / depth) / 2, y: (1 - y / depth) / 2 } : null;
}
