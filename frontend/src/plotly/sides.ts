/** What a legend tells of a surface: its layers and colour bar from above; from below the classes that its underside has. */
import type { Camera } from "./camera_link.ts";

const KEY = "class"; // meta of a class's entry, as `app/plotting` has it

export const isClassKey = (trace: any) => trace.meta === KEY;

/** The changes that a look from a side takes; null where there are none. */
export function sideChanges(data: any[], below: boolean) {
  const keys = data.filter(isClassKey);
  if (keys.length === 0 || keys.every((key) => key.showlegend === below)) return null;
  const bar = data.find((one) => one.colorbar);
  return {
    showlegend: data.map((one) => (one.showlegend === undefined ? null : isClassKey(one) === below)),
    showscale: data.map((one) => (one === bar ? !below : one.type === "surface" ? false : null)),
  };
}

/** Show in a graph what belongs to the side that its camera sees. */
export function showSide(graph: Graph, camera: Camera) {
  const changes = sideChanges(graph.data ?? [], camera.eye.z < (camera.center?.z ?? 0));
  if (changes) window.Plotly.restyle(graph, changes);
}
