/**
 * A surface while a control moves: only its heights change. Plotly would lay out the scene anew, and refine the grid; here its
 * own drawing of the surface is given other heights on a coarse grid. Where a scene is shown as a map, its grids change.
 */

// meta of the surface whose heights are read, and of the line where the full batch is 0, as `app/plotting` has them
const HEIGHTS = "heights";
const ZERO_LINE = "zero line";
const FLAT = "slope exactly 0"; // the name of a patch

/** What a graph draws of its traces, with what Plotly was given for each. */
function drawnTraces(graph: Graph, isWanted: (full: any) => boolean): { full: any; drawn: any }[] {
  const traces = graph._fullLayout?.scene?._scene?.traces ?? {};
  return (graph._fullData ?? [])
    .filter(isWanted)
    .map((full: any) => ({ full, drawn: traces[full.uid] }))
    .filter(({ drawn }) => drawn);
}

const surfaceOf = (graph: Graph) =>
  drawnTraces(graph, (full) => full.meta === HEIGHTS).find(({ drawn }) => drawn.surface);

/** Curves that lie a lift above the surface. */
const trailsOf = (graph: Graph) => drawnTraces(graph, (full) => full.meta?.lift !== undefined);

const zeroLineOf = (graph: Graph) => drawnTraces(graph, (full) => full.meta === ZERO_LINE);

type Axis = ArrayLike<number>;

/** The height of a grid between its points, which are evenly spaced along both sides. */
export function heightAt(across: Axis, along: Axis, rows: ArrayLike<number>[], [x, y]: [number, number]) {
  const place = (axis: Axis, at: number) => {
    const last = axis.length - 1;
    const steps = Math.max(0, Math.min(last, ((at - axis[0]) / (axis[last] - axis[0])) * last));
    const before = Math.min(last - 1, Math.floor(steps));
    return [before, steps - before];
  };
  const [[column, right], [row, above]] = [place(across, x), place(along, y)];
  const on = (values: ArrayLike<number>) => values[column] * (1 - right) + values[column + 1] * right;
  return on(rows[row]) * (1 - above) + on(rows[row + 1]) * above;
}

/** How high the surface that a graph draws lies over a place; null where it is not. */
export function surfaceHeight(graph: Graph, place: [number, number]) {
  for (const { drawn } of drawnTraces(graph, ({ meta, name }) => meta === HEIGHTS || name === FLAT)) {
    const { x, y, z } = drawn.data ?? {};
    if (!z) continue;
    const inside = [x, y].every((axis, at) => place[at] >= axis[0] && place[at] <= axis[axis.length - 1]);
    const height = inside ? heightAt(x, y, z, place) : Number.NaN;
    if (Number.isFinite(height)) return height;
  }
  return null;
}

/** Rows of a grid. */
export function toRows(values: ArrayLike<number>, columns: number) {
  const flat = Float32Array.from(values);
  return Array.from({ length: flat.length / columns }, (_, row) => flat.subarray(row * columns, (row + 1) * columns));
}

/**
 * Give a surface other heights, on a grid with these positions along both sides; the curves on it follow. Where it is turned
 * to another slope, the full batch's line of zeros is another one, too, and is not shown.
 */
export function paintHeights(graph: Graph, positions: number[], values: ArrayLike<number>, turned: boolean) {
  const found = surfaceOf(graph);
  if (!found) return false;
  const { full, drawn } = found;
  const z = toRows(values, positions.length);
  drawn.refineData = false;
  drawn.dataScaleX = 1;
  drawn.dataScaleY = 1;
  drawn.update({ ...full, x: positions, y: positions, z, _xlength: positions.length, _ylength: positions.length });
  for (const trail of trailsOf(graph)) {
    const { x, y, meta } = trail.full;
    const heights = Float32Array.from(
      x,
      (at: number, point) => heightAt(positions, positions, z, [at, y[point]]) + meta.lift,
    );
    trail.drawn.update({ ...trail.full, z: heights });
  }
  for (const line of zeroLineOf(graph)) {
    line.drawn.update(turned ? { ...line.full, z: new Float32Array(line.full.z.length).fill(Number.NaN) } : line.full);
  }
  graph._fullLayout.scene._scene.glplot.redraw();
  return true;
}

type Grid = { x: ArrayLike<number>; y: ArrayLike<number>; z: ArrayLike<number>[] };

const given = new WeakMap<Graph, Grid[]>(); // the grids that a map was drawn with

const gridsOf = (graph: Graph) =>
  (graph.data ?? []).flatMap(({ type }, at) => (type === "heatmap" || type === "contour" ? [at] : []));

function restyle(graph: Graph, grids: Grid[]) {
  const column = (name: keyof Grid) => grids.map((grid) => grid[name]);
  window.Plotly.restyle(graph, { x: column("x"), y: column("y"), z: column("z") }, gridsOf(graph));
}

/** Give a map of a scene other values: its colours, and the line where they are 0. */
export function paintMap(graph: Graph, positions: number[], values: ArrayLike<number>) {
  const at = gridsOf(graph);
  if (!given.has(graph))
    given.set(
      graph,
      at.map((one) => ({ x: graph.data?.[one].x, y: graph.data?.[one].y, z: graph.data?.[one].z })),
    );
  const grid = { x: positions, y: positions, z: toRows(values, positions.length) };
  const none = { ...grid, z: grid.z.map((row) => row.map(() => Number.NaN)) };
  restyle(
    graph,
    at.map((one) => (graph.data?.[one].name === FLAT ? none : grid)), // a patch without slope is not looked for
  );
}

/** Show again in a map what it was drawn with; false where it shows that. */
export function restoreMap(graph: Graph) {
  const before = given.get(graph);
  if (before) restyle(graph, before);
  return given.delete(graph);
}

/** A map that is drawn anew has grids of its own. */
export const forgetMap = (graph: Graph) => given.delete(graph);

/** Make room for heights beyond the upright axis, which stays so. */
export function widenScene(graph: Graph, [least, most]: [number, number]) {
  const [low, high] = graph._fullLayout.scene._scene.fullSceneLayout.zaxis.range; // as it is drawn
  const range = [Math.min(low, least), Math.max(high, most)];
  return range[0] < low || range[1] > high ? window.Plotly.relayout(graph, { "scene.zaxis.range": range }) : null;
}

type Curve = { x: ArrayLike<number>; y: ArrayLike<number>; z: ArrayLike<number> };

const movedCurves = new WeakSet<Graph>();

/** Move a curve of a scene elsewhere, or back to where Plotly was given it. */
export function paintCurve(graph: Graph, name: string, curve: Curve | null) {
  if (!curve && !movedCurves.has(graph)) return;
  for (const { full, drawn } of drawnTraces(graph, (one) => one.name === name && one.type === "scatter3d"))
    drawn.update({ ...full, ...curve });
  if (curve) movedCurves.add(graph);
  else movedCurves.delete(graph);
  graph._fullLayout.scene._scene.glplot.redraw();
}

/** Show again what Plotly was given; false where that is shown. */
export function restoreHeights(graph: Graph) {
  const found = surfaceOf(graph);
  if (!found || found.drawn.refineData) return false;
  found.drawn.refineData = true;
  for (const { full, drawn } of [found, ...trailsOf(graph), ...zeroLineOf(graph)]) drawn.update(full);
  graph._fullLayout.scene._scene.glplot.redraw();
  return true;
}
