/** One camera for all surfaces. */
import { publish } from "../page/dash.ts";
import { debounce } from "../page/debounce.ts";
import { all, bindOnce, isVisible, onElements } from "../page/dom.ts";
import {
  type Camera,
  formatCamera,
  hasSameEye,
  homeCamera,
  PRESETS,
  parseCamera,
  presetOf,
  rotateEye,
} from "./camera_link.ts";
import { followCamera } from "./scenes.ts";
import { showSide } from "./sides.ts";

const GRAPHS = ".panel .js-plotly-plot";
const WHEEL_REST = 200; // milliseconds

const state = { camera: null as Camera | null, moved: () => {} };
const sides = new WeakMap<Graph, string>(); // from which side each graph's surface was drawn to be seen

const surfaces = () => all<Graph>(GRAPHS).filter((graph) => graph._fullLayout?.scene && isVisible(graph));

const home = (graph: Graph) => homeCamera(graph.layout.scene.uirevision === "below");

/** Call whenever the common camera has moved. */
export function onCameraMoved(run: () => void) {
  state.moved = run;
}

/** Mark the button of the camera that surfaces are seen from. */
function markButtons() {
  const [first] = surfaces();
  const shown = first ? presetOf(state.camera || home(first)) : "";
  for (const name of Object.keys(PRESETS)) {
    document.getElementById(name)?.setAttribute("aria-pressed", String(name === shown));
  }
}

function setSceneCamera(graph: Graph, camera: Camera) {
  followCamera(graph, camera);
  return window.Plotly.relayout(graph, { "scene.camera": camera });
}

/** Turn every surface to one camera, but for the one that is being turned by hand. */
function turnAll(camera: Camera, leader?: Graph) {
  state.camera = camera;
  state.moved();
  markButtons();
  for (const graph of surfaces()) {
    if (graph === leader) followCamera(graph, camera);
    else setSceneCamera(graph, camera);
    showSide(graph, camera);
  }
}

/**
 * While a surface is dragged the others follow at once, without a full layout pass. This uses what Plotly does not document;
 * if it is gone, the others follow when the mouse is released.
 */
function followDrag(camera: Camera, leader: Graph) {
  for (const graph of surfaces()) {
    followCamera(graph, camera);
    const scene = graph._fullLayout.scene._scene;
    if (graph !== leader && scene?.setViewport) scene.setViewport({ ...graph._fullLayout.scene, camera });
  }
}

/** A surface that is drawn for the first time, or again after it was hidden, takes the common camera. */
function takeCamera(graph: Graph) {
  const side = graph.layout?.scene?.uirevision;
  const before = sides.get(graph);
  if (side && side !== before) {
    sides.set(graph, side);
    if (before) state.camera = null; // another picture, which brings a camera of its own
  }
  const own = graph._fullLayout?.scene?.camera;
  if (own && isVisible(graph)) {
    const camera = state.camera || own;
    if (hasSameEye(own, camera)) followCamera(graph, camera);
    else setSceneCamera(graph, camera);
    showSide(graph, camera);
  }
  markButtons();
}

/** The wheel changes one surface without an event; the others follow when it rests. */
const followWheel = debounce(WHEEL_REST, (graph: Graph) => {
  const scene = graph._fullLayout?.scene?._scene;
  if (scene?.getCamera) turnAll(scene.getCamera(), graph);
});

const link = bindOnce((graph) => {
  graph.on("plotly_relayouting", (change) => {
    if (change?.["scene.camera"]) followDrag(change["scene.camera"], graph);
  });
  graph.on("plotly_relayout", (change) => {
    const camera = change?.["scene.camera"];
    // an answer to our own relayout carries the camera that we set
    if (camera && JSON.stringify(camera) !== JSON.stringify(state.camera)) turnAll(camera, graph);
  });
  graph.addEventListener("wheel", () => followWheel(graph));
  graph.on("plotly_afterplot", () => takeCamera(graph));
});

/** Turn all surfaces around the upright axis, and up, by angles in radians. */
export function rotateCamera(around: number, up: number) {
  const [first] = surfaces();
  if (!first) return;
  const camera = state.camera || first._fullLayout.scene.camera;
  turnAll({ ...camera, eye: rotateEye(camera.eye, around, up) });
}

/** The common camera as it stands in a link: "" where surfaces are seen as they come. */
export function cameraLink() {
  const text = state.camera ? formatCamera(state.camera) : "";
  const [first] = surfaces();
  return first && text === formatCamera(home(first)) ? "" : text;
}

/** Turn all surfaces to the camera of a link; without one, to the camera that surfaces come with. */
export function setCamera(text: string | null) {
  const camera = parseCamera(text);
  if (camera) {
    turnAll(camera);
    return;
  }
  const shown = surfaces();
  const own = shown.length > 0 ? home(shown[0]) : null;
  state.camera = own;
  Promise.all(shown.map((graph) => setSceneCamera(graph, own as Camera))).then(() => {
    state.camera = null; // that needs no place in the link
    markButtons();
  });
}

export function installCameras() {
  onElements(() => {
    for (const graph of all<Graph>(GRAPHS)) link(graph);
  });

  publish({
    turnCameras() {
      const [first] = surfaces();
      if (!first) return;
      const button = window.dash_clientside.callback_context.triggered_id;
      turnAll(button === "reset" ? home(first) : PRESETS[button]);
    },
  });
}
