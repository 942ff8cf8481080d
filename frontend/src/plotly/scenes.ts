/**
 * Scenes: fitted into their graphs, and shown as maps of the same numbers where the browser has no WebGL, and on a phone
 * until 3-D is asked for. There a finger scrolls the page, over charts too.
 */
import { all, element } from "../page/dom.ts";
import { fitBox, readableAxes } from "./box.ts";
import type { Camera } from "./camera_link.ts";
import { endContexts } from "./contexts.ts";
import { flatMap } from "./flat_map.ts";
import { fitMap } from "./square.ts";

const PHONE = window.matchMedia("(max-width: 900px) and (pointer: coarse)");
const MISSING = "This browser has no WebGL, so surfaces are shown as maps of the same numbers.";
const WIDE = 420; // pixels from which a scene has room for a colour bar; without it, the upright axis says the same
const TYPE = 12; // size of a figure's type on a page as it opens
const ABOVE = 4; // pixels above a scene's box

const given = new WeakMap<Graph, Figure>(); // the scene that a graph was to show
const turned = new WeakSet<Graph>(); // graphs that are to show theirs in 3-D

let able: boolean | null = null;
function hasWebgl() {
  if (able === null) {
    const canvas = document.createElement("canvas");
    able = Boolean(canvas.getContext("webgl"));
    endContexts([canvas]);
  }
  return able;
}

/** Pixels of a graph over which the head of its panel lies. */
function coveredAbove(graph: Graph) {
  const head = graph.closest(".panel")?.querySelector(".panel-head");
  return head ? Math.max(0, head.getBoundingClientRect().bottom - graph.getBoundingClientRect().top) : 0;
}

function boxFor(graph: Graph, camera: Camera, layout: any) {
  const { clientWidth: width, clientHeight: height } = graph;
  return fitBox(camera, {
    width,
    height,
    above: ABOVE + coveredAbove(graph),
    type: (layout.font?.size ?? TYPE) / TYPE,
  });
}

/** A scene whose box is as large as its graph allows. */
export function fitScene(layout: any, graph: Graph) {
  if (!graph.clientWidth || !graph.clientHeight) return layout.scene;
  const camera = graph._fullLayout?.scene?.camera ?? layout.scene.camera;
  return { ...layout.scene, aspectratio: boxFor(graph, camera, layout) };
}

/**
 * While a camera moves the box of its scene follows at once, without a full layout pass. This uses what Plotly does not
 * document; if it is gone, the box follows with the next figure.
 */
export function followCamera(graph: Graph, camera: Camera) {
  const { scene } = graph._fullLayout;
  const drawn = scene._scene;
  if (!drawn?.glplot?.setAspectratio || !graph.clientHeight) return;
  const box = boxFor(graph, camera, graph.layout);
  for (const layout of [graph.layout.scene, scene]) layout.aspectratio = box;
  drawn.glplot.setAspectratio(box);
  const readable = readableAxes(camera);
  (["x", "y", "z"] as const).forEach((axis, at) => {
    const shown = readable.includes(axis);
    for (const layout of [graph.layout.scene, scene]) layout[`${axis}axis`].showticklabels = shown;
    drawn.axesOptions.labelEnable[at] = shown;
    drawn.axesOptions.tickEnable[at] = shown;
  });
}

/** Say above the pictures, once, why they are maps. */
function explainMaps() {
  if (document.querySelector(".no-webgl")) return;
  const sentence = document.createElement("p");
  sentence.className = "no-webgl";
  sentence.textContent = MISSING;
  element("main").prepend(sentence);
}

/** Mark whether a graph shows its scene or a map of it, and add the button for the other one. */
function markPanel(graph: Graph, shown: "map" | "scene" | "") {
  const panel = graph.closest<HTMLElement>(".panel");
  if (!panel) return;
  panel.dataset.scene = shown;
  let button = panel.querySelector<HTMLButtonElement>(".turn");
  if (shown && PHONE.matches && hasWebgl() && !button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "turn";
    button.setAttribute("aria-describedby", panel.getAttribute("aria-labelledby") ?? "");
    button.addEventListener("click", () => toggleScene(graph));
    panel.append(button);
  }
  if (button) {
    button.hidden = !shown;
    button.textContent = shown === "map" ? "3-D" : "Map";
  }
}

function toggleScene(graph: Graph) {
  const canvases = all<HTMLCanvasElement>("canvas", graph);
  if (!turned.delete(graph)) turned.add(graph);
  window.Plotly.react(graph, given.get(graph)).then(() => endContexts(canvases));
}

/** The colour bar stands in the corner that every camera leaves free. */
function fitFigure(figure: Figure, graph: Graph): Figure {
  const narrow = graph.clientWidth > 0 && graph.clientWidth < WIDE;
  const top = graph.clientHeight ? 1 - coveredAbove(graph) / graph.clientHeight : 1;
  const data = figure.data.map((trace) => {
    if (trace.type !== "surface" || !trace.colorbar) return trace;
    const { colorbar } = trace;
    return narrow
      ? { ...trace, showscale: false }
      : { ...trace, colorbar: { ...colorbar, y: Math.min(top, colorbar.y ?? 1) } };
  });
  return { ...figure, data, layout: { ...figure.layout, scene: fitScene(figure.layout, graph) } };
}

/** The figure that a graph shows for the one that it was given. */
export function sceneOrMap(graph: Graph, figure: Figure): Figure {
  let shown = figure;
  if (figure.layout.scene) {
    given.set(graph, figure);
    const flat = !hasWebgl() || (PHONE.matches && !turned.has(graph));
    shown = flat ? flatMap(figure) : fitFigure(figure, graph);
    markPanel(graph, flat ? "map" : "scene");
    if (!hasWebgl()) explainMaps();
  } else if (!figure.layout.meta?.map) {
    markPanel(graph, "");
  }
  if (shown.layout.scene) return shown;
  const layout = fitMap(shown.layout, graph);
  return { ...shown, layout: PHONE.matches ? { ...layout, dragmode: false } : layout };
}
