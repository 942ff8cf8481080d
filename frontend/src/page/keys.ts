/** Keys: what each action does. Which key calls it is in `app/page/shortcuts.py`. */
import { stages } from "../playback/playback.ts";
import { rotateCamera } from "../plotly/cameras.ts";
import { choose, hasLegendRow } from "../plotly/legend_row.ts";
import { rescaleAll } from "../plotly/scale.ts";
import { leaveFullScreen, toggleFullScreen } from "../room/full_screen.ts";
import { toggleSidebar } from "../room/sidebar.ts";
import { showOtherPair } from "../room/stage.ts";
import { toggleSound } from "../views/sound.ts";
import { isHidden } from "./address.ts";
import { getNumber, getValue, setValue } from "./controls.ts";
import { getProp, publish, showMessage } from "./dash.ts";
import { all, element, isVisible, shownView } from "./dom.ts";
import { cycle, findEntry, type KeyEntry, nextBatchSize } from "./key_table.ts";
import { isTouring, leaveTour, nextScene, previousScene, toggleReveal } from "./tour.ts";

const state = { entries: [] as KeyEntry[], singleKeys: true };

const LINES = ["d1", "d2", "d1+d2", "d1-d2"];
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
const TURN = 0.15; // radians
const STAGED = ["step", "back", "play", "restart", "finish"];
const CLICKER = ["PageDown", "PageUp"]; // what a presenter's clicker sends

const press = (id: string) => element(id).click();

/**
 * Choose the next one of the visible choices, as a click does: Mantine's chips repeat a value that they were given, a moment
 * later, and would take back what the next key has chosen meanwhile.
 */
function cycleChoice(selector: string, by: number) {
  const shown = all<HTMLInputElement>(selector).filter(({ labels }) => isVisible(labels?.[0] ?? null));
  const [chosen] = shown.filter(({ checked }) => checked);
  cycle(shown, chosen, by)?.click();
}

function moveBatchSize(by: 1 | -1) {
  const size = nextBatchSize(getNumber("batch_size"), by, Number(getProp("batch_size", "max")));
  if (size !== undefined) setValue("batch_size", size);
}

const turnSlope = (degrees: number) => setValue("slope_angle", (getNumber("slope_angle") + degrees + 360) % 360);

function chooseLine(key: string) {
  const name = LINES[Number(key) - 1];
  if (hasLegendRow()) {
    showMessage(choose(name) ? `${name.replace("-", "−")} stands out.` : "");
  } else if (shownView() === "explore") {
    press(`line-preset-${name}`);
  } else {
    setValue("line", name);
  }
}

function movePoint(key: string) {
  const reach = getNumber("range");
  ["at_d1", "at_d2"].forEach((name, axis) => {
    const by = (ARROWS[key][axis] * reach) / 20;
    if (by) setValue(name, Math.max(-reach, Math.min(reach, getNumber(name) + by)));
  });
}

const stageAction = (action: string) => stages[shownView()]?.[action];

const ACTIONS: Record<string, (key: string) => void> = {
  drawAgain: () => press("draw-again"),
  smallerBatch: () => moveBatchSize(-1),
  largerBatch: () => moveBatchSize(1),
  nextActivation: () => cycleChoice("#activation-box input[type=radio]", 1),
  otherDomain: () => setValue("domain", getValue("domain") === "global" ? "local" : "global"),
  nextView: () => cycleChoice("#view input", 1),
  previousView: () => cycleChoice("#view input", -1),
  line: chooseLine,
  turnBack: () => turnSlope(-5),
  turnOn: () => turnSlope(5),
  movePoint,
  turnCamera: (key) => rotateCamera(ARROWS[key][0] * TURN, ARROWS[key][1] * TURN),
  nextScene,
  previousScene,
  reveal: toggleReveal,
  leave: () => {
    if (!leaveFullScreen()) leaveTour();
  },
  fullScreen: toggleFullScreen,
  sidebar: toggleSidebar,
  otherPair: showOtherPair,
  listen: toggleSound,
  undo: () => press("undo"),
  redo: () => press("redo"),
  rescale: rescaleAll,
  share: () => press("share"),
  export: () => press("export"),
  glossary: () => press("glossary"),
  about: () => press("about"),
  keys: () => press("keys"),
  step: () => stageAction("step")?.(),
  back: () => stageAction("back")?.(),
  play: () => stageAction("play")?.(),
  restart: () => stageAction("restart")?.(),
  finish: () => stageAction("finish")?.(),
};

/** Whether a key belongs to what has the focus: sliders, choices, fields, tables that scroll. */
function isTaken(target: Element, key: string) {
  const clicker = CLICKER.includes(key);
  const within = (selector: string) => target.closest(selector) !== null;
  return (
    within("textarea, [contenteditable], [role=dialog]") ||
    (clicker && !isTouring() && within(".table-box")) ||
    (!clicker && within("input:not([type=radio]):not([type=checkbox]), select")) ||
    (key.startsWith("Arrow") && within("[role=slider], input, [role=listbox], .table-box")) ||
    ((key === " " || key === "Enter") && within("button, a, input, summary, [role=slider], [role=button]"))
  );
}

const isPutAway = (name: string) => Boolean(document.getElementById(name)?.closest("[hidden]"));

/** Whether the view has what an action works on, as it is looked at, and the link has not hidden it. */
function isPossible({ action, moves }: KeyEntry) {
  if (STAGED.includes(action) && !stageAction(action)) return false;
  if (action === "line" && hasLegendRow()) return true;
  const controls = Object.entries(moves);
  return (
    controls.length === 0 ||
    controls.some(([name, views]) => views.includes(shownView()) && !isHidden(name) && !isPutAway(name))
  );
}

export function installKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || !(event.target instanceof Element)) return;
    const entry = findEntry(state.entries, event, state.singleKeys);
    if (!entry || isTaken(event.target, event.key) || !isPossible(entry)) return;
    event.preventDefault();
    ACTIONS[entry.action](event.key);
  });

  publish({
    setKeys(entries: KeyEntry[], singleKeys: boolean) {
      Object.assign(state, { entries, singleKeys });
    },

    openKeys() {
      (element("keys-dialog") as HTMLDialogElement).showModal();
    },
  });
}
