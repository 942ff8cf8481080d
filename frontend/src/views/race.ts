/** One race, step by step: it shows what is seen so far of what the server has sent, and computes nothing. */
import { getNumber, setValue } from "../page/controls.ts";
import { publish, setProps } from "../page/dash.ts";
import { all, bindOnce, element, graphOf, isVisible, onClick } from "../page/dom.ts";
import { Playback, stages } from "../playback/playback.ts";
import { findMarks, type Mark, showMarks } from "./race_marks.ts";

const STEPS_PER_SECOND = 1.4;

const state = {
  name: "",
  last: 0,
  words: [] as string[][], // by method and step
  marks: [] as Mark[],
};

const playback = new Playback({
  last: () => state.last,
  stepsPerSecond: () => STEPS_PER_SECOND,
  isVisible: () => isVisible(document.getElementById("race-step")),
  show,
  showPlaying(playing) {
    const label = document.querySelector("#race-play .mantine-Button-label") as Element;
    label.textContent = playing ? "Pause" : "Play";
  },
  rest: (step) => setProps("race_step", { value: step }),
});

function disableButtons(names: string[], disabled: boolean) {
  for (const name of names) (element(`race-${name}`) as HTMLButtonElement).disabled = disabled;
}

function show(step: number) {
  showMarks(state.marks, step);
  element("race-at").textContent = state.last ? `Step ${step} of ${state.last}` : "";
  all("#race-methods tbody tr").forEach((row, index) => {
    const text = row.lastElementChild?.firstChild;
    const words = state.words[index]?.[step];
    // the text node that React knows, so that it can change it again
    if (text && words && text.nodeValue !== words) text.nodeValue = words;
  });
  disableButtons(["step", "end"], step >= state.last);
  disableButtons(["back", "again"], step === 0);
}

/** Plotly has drawn: the same race in other colours, or another one, at the same step. */
function arrive(graph: Graph) {
  const meta = graph.layout?.meta;
  if (meta?.last === undefined) return;
  if (meta.name !== state.name) playback.pause();
  Object.assign(state, { name: meta.name, last: meta.last, words: meta.words, marks: findMarks() });
  playback.refresh();
}

const bind = bindOnce((graph) => graph.on("plotly_afterplot", () => arrive(graph)));

function bindGraph() {
  const graph = graphOf("race-line");
  if (graph?.on) {
    bind(graph);
    arrive(graph);
  } else {
    window.requestAnimationFrame(bindGraph);
  }
}

function nextRace() {
  playback.goTo(0);
  playback.forgetRest(); // the server begins another race at 0
  setValue("race", (getNumber("race") % Number(element("race-next").dataset.races)) + 1);
}

export function installRace() {
  const root = document.documentElement;
  root.dataset.race = "one"; // as the page opens: a chart is not drawn well where it is hidden
  stages.race = playback.actions();
  const actions: typeof stages.race = { ...stages.race, next: nextRace };

  function runAction(button: HTMLElement, event: MouseEvent) {
    event.stopPropagation(); // Dash would take the click through the whole page, which takes longer than the step
    actions[button.dataset.stage ?? ""]();
  }
  onClick("#race-bar [data-stage]", runAction, true);

  publish({
    showRace(step, part) {
      root.dataset.race = part; // the style shows its panels and controls
      playback.take(step);
      bindGraph();
    },
  });
}
