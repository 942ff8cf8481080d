/** The oracle: a line that is there whole is revealed point by point. Which optima are known when was found by the server. */
import { publish, setProps } from "../page/dash.ts";
import { debounce } from "../page/debounce.ts";
import { all, closest, element, isVisible, onClick, onElements } from "../page/dom.ts";
import { Playback, stages } from "../playback/playback.ts";
import { CHARTS, drawChart } from "./charts.ts";
import { decodeLine, drawnSeries, knownPlaces, type Line, nextOptimum, samplesAt } from "./line.ts";
import { fillUrn, lightBalls } from "./urn.ts";

const RETRY = 100; // milliseconds until charts are drawn that had no room or no Plotly

const state = {
  line: null as Line | null,
  reference: true, // whether the full batch is shown
  pace: 6, // points a second
  chosen: null as number | null, // a point that was opened
  disabled: {} as Record<string, boolean>,
};

const isShown = () => isVisible(document.getElementById("oracle-balls"));

const playback = new Playback({
  last: () => state.line?.points ?? 0,
  stepsPerSecond: () => state.pace,
  isVisible: () => state.line !== null && isShown(),
  show() {
    state.chosen = null;
    render();
  },
  showPlaying(playing) {
    element("oracle-said").setAttribute("aria-live", playing ? "off" : "polite"); // too fast to be read out
    setProps("oracle-play", { children: playing ? "Pause" : "Play" });
  },
  rest: (step) => setProps("step", { value: step }),
});

/** The point that is described: the one opened, or the last one drawn; −1 before the first. */
const currentPoint = () => state.chosen ?? playback.step - 1;

function writeNumbers(line: Line) {
  const { step } = playback;
  const point = currentPoint();
  element("oracle-said").textContent = line.said[step];
  for (const cell of all("[data-count]", element("oracle-counts"))) {
    const [quantity, count] = (cell.dataset.count ?? "").split("-");
    cell.textContent = count === "true" && !state.reference ? "?" : line.counts[quantity][count][step];
  }
  for (const slider of all(".oracle-chart")) {
    const name = slider.dataset.quantity ?? "";
    slider.setAttribute("aria-valuemax", String(line.points));
    slider.setAttribute("aria-valuenow", String(point + 1));
    slider.setAttribute("aria-valuetext", point < 0 ? "no point drawn yet" : describePoint(line, name, point));
  }
}

function describePoint(line: Line, name: string, point: number) {
  const chart = line.charts[name];
  const { x, y } = drawnSeries(chart);
  const found = knownPlaces(chart, "found", playback.step).includes(x[point]);
  const optimum = name === "loss" ? ", a minimum" : ", an NN-GPP";
  return `point ${point + 1}, ${name} ${y[point].toPrecision(3).replaceAll("-", "−")}${found ? optimum : ""}`;
}

function enableButtons() {
  const atStart = playback.step === 0;
  const atEnd = playback.isAtEnd;
  for (const [name, disabled] of Object.entries({ restart: atStart, back: atStart, step: atEnd, finish: atEnd })) {
    if (state.disabled[name] === disabled) continue;
    state.disabled[name] = disabled;
    setProps(`oracle-${name}`, { disabled });
  }
}

const retry = debounce(RETRY, render);

function render() {
  const { line } = state;
  if (!line || !isShown()) return;
  const point = currentPoint();
  lightBalls(line, point, point < 0 ? [] : samplesAt(line, point));
  writeNumbers(line);
  enableButtons();
  const shown = () => ({
    line: state.line ?? line,
    step: playback.step,
    point: currentPoint(),
    reference: state.reference,
  });
  const drawn = CHARTS.map((name) => drawChart(name, shown, openPoint));
  if (!drawn.every(Boolean)) retry();
}

/** Choose one of the points that have been drawn. */
function choosePoint(point: number) {
  if (!state.line || playback.step === 0) return;
  playback.pause();
  state.chosen = Math.max(0, Math.min(point, playback.step - 1));
  render();
}

/** Choose a point, and ask the server which samples made it. */
function openPoint(point: number) {
  choosePoint(point);
  if (state.chosen === null) return;
  setProps("oracle-asked", { data: { point: state.chosen, step: playback.step, at: Date.now() } });
}

function takeLine(sent: any) {
  const former = state.line;
  state.line = decodeLine(sent);
  fillUrn(state.line);
  if (former && former.about !== state.line.about) {
    state.chosen = null;
    setProps("oracle-asked", { data: null });
  }
}

/** The keys of a chart that has the focus. */
function handleKey(event: KeyboardEvent) {
  const { line } = state;
  const chart = closest(event, ".oracle-chart");
  if (!chart || !line || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const optimum = (by: 1 | -1) =>
    nextOptimum(line.charts[chart.dataset.quantity ?? ""], playback.step, currentPoint(), by);
  const keys: Record<string, () => void> = {
    ArrowLeft: () => choosePoint(currentPoint() - 1),
    ArrowRight: () => choosePoint(currentPoint() + 1),
    PageUp: () => choosePoint(optimum(-1)),
    PageDown: () => choosePoint(optimum(1)),
    Enter: () => openPoint(currentPoint()),
    Escape: () => playback.refresh(),
    " ": stages.oracle.step,
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
}

/** Announce what is said of an opened point. */
function announcePoint() {
  const words = element("oracle-made").querySelector(".oracle-told");
  element("oracle-heard").textContent = words?.textContent ?? "";
}

export function installOracle() {
  stages.oracle = playback.actions();
  onClick("#view-oracle [data-stage]", ({ dataset }) => stages.oracle[dataset.stage ?? ""]());
  document.addEventListener("keydown", handleKey, true);

  // a chart that was hidden has no size; it is drawn when it gets one
  const sizes = new ResizeObserver(render);
  onElements((observer) => {
    const balls = document.getElementById("oracle-balls");
    if (!balls) return;
    observer.disconnect();
    for (const one of [balls, ...all(".oracle-chart")]) sizes.observe(one);
    const words = { childList: true, subtree: true, characterData: true };
    new MutationObserver(announcePoint).observe(element("oracle-made"), words);
    render();
  });

  publish({
    showOracle(line, step, reference, pace) {
      state.reference = reference !== "hidden";
      state.pace = Number(pace) || 6;
      if (line && line.key !== state.line?.key) takeLine(line);
      if (playback.take(step)) state.chosen = null;
      render();
    },
  });
}
