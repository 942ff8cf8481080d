/**
 * Live: while the size of the mini-batches, the slope's direction or Explore's line moves, the browser draws the mini-batches
 * itself, and the pictures follow at once. What is shown at rest is the server's: a figure tells what it was drawn with, and
 * one that was drawn with what the controls say is left alone.
 */
import { markDrawing } from "../page/busy.ts";
import { getNumber, getValue } from "../page/controls.ts";
import { publish, setProps } from "../page/dash.ts";
import { closest, graphOf, onClick, shownView } from "../page/dom.ts";
import { Playback, stages } from "../playback/playback.ts";
import { onStandOut } from "../plotly/legend_row.ts";
import { drawnAnew } from "../plotly/wrap.ts";
import { writeSentence } from "./intro.ts";
import { isSameLine, lineThrough } from "./own_line.ts";
import { forgetGraph, paintCharts, paintSurfaces, partsOf, type Wanted } from "./paint.ts";
import { samplerFor, takeTables } from "./samplers.ts";
import type { Line, Part, SentTables } from "./tables.ts";
import { held, write } from "./words.ts";

const PLAYED = "compare"; // the view that plays
const MAP = "explore-map";
const LINE_CHART = "explore-line-loss";
const DRAWS_PER_SECOND = 5;
const SHARE = 1; // charts are painted in every frame, surfaces after so many times what they took
const SLIDERS = ["batch_size", "slope_angle"];
const MOVES = "#batch_size, #slope_angle, #compass";
const CONTROLS = `${MOVES}, [id^='batch-preset'], #play, #${MAP}`; // what is likely to be moved when the mouse is there

const state = {
  scheduled: false,
  surfacesNext: 0,
  seed: null as number | null,
  held: "", // the ends of Explore's line when it was taken hold of
  line: null as Line | null,
};

let painted = { charts: "", surfaces: "" }; // what was painted last

/** Where controls have been moved to, and from what the page holds of them until they are let go. */
const moved: Record<string, { to: number; from: number }> = {};

const move = (name: string, to: number) => {
  moved[name] = { to, from: getNumber(name) };
};

/**
 * Where a control stands. Once the page holds another value than it was moved from, it has been let go, or was set by something
 * else; its thumb, which comes after, is not asked.
 */
function placeOf(name: string) {
  const rest = getNumber(name);
  return moved[name]?.from === rest ? moved[name].to : rest;
}

const thumb = (name: string) => Number(document.querySelector(`#${name} [role=slider]`)?.getAttribute("aria-valuenow"));

const wanted = (): Wanted => ({
  size: placeOf("batch_size"),
  seed: state.seed ?? getNumber("batch_seed"),
  angle: placeOf("slope_angle"),
  line: shownView() === "explore" ? state.line : null,
  full: getValue("source") === "full" && shownView() !== "static",
});

function paint(time: number) {
  state.scheduled = false;
  const view = shownView();
  followLine();
  const now = wanted();
  // of a full batch nothing moves but a line
  if (partsOf(view).length === 0 || (now.full && view !== "explore")) {
    markDrawing("live", false);
    return;
  }
  const key = JSON.stringify([view, now]);
  if (painted.charts !== key) paintCharts(view, now, scheduleAnew);
  painted.charts = key;
  if (painted.surfaces === key) markDrawing("live", false);
  if (painted.surfaces === key || state.surfacesNext === Number.POSITIVE_INFINITY) return;
  if (time < state.surfacesNext) {
    window.setTimeout(schedule, state.surfacesNext - time);
    return;
  }
  const isPainted = paintSurfaces(view, now, scheduleAnew);
  painted.surfaces = key;
  if (!isPainted) {
    markDrawing("live", false);
    return;
  }
  state.surfacesNext = Number.POSITIVE_INFINITY; // until it is known how long this took
  window.requestAnimationFrame((shown) => {
    state.surfacesNext = shown + SHARE * (shown - time);
    window.setTimeout(schedule, state.surfacesNext - shown);
  });
}

/** Paint in the next frame, whatever has been painted. */
function scheduleAnew() {
  painted = { charts: "", surfaces: "" };
  schedule();
}

/** Paint in the next frame. */
function schedule() {
  if (state.scheduled) return;
  state.scheduled = true;
  markDrawing("live", true);
  window.requestAnimationFrame(paint);
}

/** The numbers beside the sliders, and that in the sentence above the pictures, follow their thumbs in every view. */
function writeLabels() {
  const samples = held("batch-label").split(" of ")[1];
  if (samples) {
    write("batch-label", `${placeOf("batch_size")} of ${samples}`);
    writeSentence(shownView(), placeOf("batch_size"));
  }
  const angle = placeOf("slope_angle");
  if (angle !== getNumber("slope_angle")) write("angle-label", `${angle}°`);
}

/** Whether there is a button: not where the browser cannot draw. In a narrow window it is put away with the controls. */
const canPlay = () => shownView() === PLAYED && document.getElementById("play-box")?.hidden === false;

/** The steps are the seeds of the mini-batches. */
const playback = new Playback({
  last: () => Number.MAX_SAFE_INTEGER,
  stepsPerSecond: () => DRAWS_PER_SECOND,
  isVisible: canPlay,
  show(seed) {
    state.seed = seed;
    schedule();
  },
  showPlaying(playing) {
    const label = document.querySelector("#play .mantine-Button-label") as Element;
    label.textContent = playing ? "Pause" : "Play";
  },
  rest: (seed) => setProps("batch_seed", { value: seed }),
});

/** What plays shows mini-batches, whatever was shown before. */
function playBatches(action: () => void) {
  if (canPlay() && getValue("source") !== "batch") setProps("source", { value: "batch" });
  action();
}

/** Where Explore's line is while it is dragged: Plotly moves it, and tells of it at the end alone. */
function followLine() {
  const shape = graphOf(MAP)?._fullLayout?.shapes?.[0];
  if (!shape || !state.held) return;
  const { x0, y0, x1, y1 } = shape;
  if (JSON.stringify([x0, y0, x1, y1]) === state.held) return;
  const reach = getNumber("range");
  const line = lineThrough({ x0, y0, x1, y1 }, reach);
  const [drawn]: Line[] = graphOf(LINE_CHART)?.layout.meta.along ?? [];
  state.line = line && drawn && !isSameLine(line, drawn, reach) ? line : null;
}

function holdLine(event: Event) {
  const shape = closest(event, `#${MAP}`) && graphOf(MAP)?._fullLayout?.shapes?.[0];
  state.held = shape ? JSON.stringify([shape.x0, shape.y0, shape.x1, shape.y1]) : "";
}

function take(part: Part, sent: SentTables | null) {
  if (takeTables(part, sent)) scheduleAnew();
}

export function installLive() {
  const watch = new MutationObserver((changes) => {
    const controls = changes.map(({ target }) => target as HTMLElement).filter((one) => one.closest(MOVES));
    if (controls.length === 0) return;
    for (const one of controls) {
      if (one.id === "compass") move("slope_angle", Number(one.dataset.angle));
      else for (const name of SLIDERS) if (one.closest(`#${name}`)) move(name, thumb(name));
    }
    writeLabels();
    schedule();
  });
  const attributeFilter = ["aria-valuenow", "data-angle"];
  watch.observe(document.documentElement, { attributes: true, attributeFilter, subtree: true });

  const prepare = (event: Event) => {
    if (closest(event, CONTROLS)) partsOf(shownView()).forEach(samplerFor);
  };
  document.addEventListener("pointerover", prepare);
  document.addEventListener("focusin", prepare);
  document.addEventListener("pointerdown", holdLine, true);
  document.addEventListener("pointermove", () => state.held && schedule());
  document.addEventListener("pointerup", () => {
    followLine();
    if (state.held) schedule();
    state.held = "";
  });

  onStandOut(() => {
    if (document.querySelector("canvas.live")) scheduleAnew();
  });
  drawnAnew.add((graph) => {
    forgetGraph(graph);
    if (graph.closest(`#${LINE_CHART}`)) state.line = null; // the server has drawn it
    if (graph.closest(".view:not([hidden])")) scheduleAnew();
  });

  const { step, back, play } = playback.actions();
  stages[PLAYED] = { step: () => playBatches(step), back: () => playBatches(back), play: () => playBatches(play) };
  onClick("#play", () => stages[PLAYED].play());

  publish({
    takeSeed(seed) {
      if (playback.take(seed)) state.seed = null;
    },
    takeLineTables: (sent) => take("lines", sent),
    takePlaneTables: (sent) => take("plane", sent),
  });
}
