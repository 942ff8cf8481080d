/**
 * Number boxes: what is typed or stepped there is committed once it rests, on Enter, and on leaving the box.
 *
 * Mantine's own pause is not used: it also repeats what the server has set, and after a change there and back within the
 * pause it sets what was between. Even without a pause the box compares what it is given with what it showed a moment
 * ago, so that of two changes in a busy moment it can show the first for good; the number given last is put in then.
 */
import { getValue } from "../page/controls.ts";
import { publish } from "../page/dash.ts";
import { debounce } from "../page/debounce.ts";
import { closest } from "../page/dom.ts";

const REST = 500; // milliseconds
const SETTLED = 100; // milliseconds after which a box shows what it was given
const PRECISION = 1e-6; // of the decimals that a box shows
const BOX = ".mantine-NumberInput-root";

export function installNumberBoxes() {
  let waiting = 0; // the timer of what was typed and is not committed yet
  let correcting = false;

  function stopWaiting() {
    window.clearTimeout(waiting);
    waiting = 0;
  }

  function commitLater(event: Event) {
    const input = closest(event, BOX)?.querySelector("input");
    if (correcting || !input) return;
    stopWaiting();
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true });
    waiting = window.setTimeout(() => input.dispatchEvent(enter), REST);
  }

  document.addEventListener("input", commitLater);
  document.addEventListener("pointerup", commitLater); // on the arrows in the box
  document.addEventListener("keyup", (event) => {
    if (event.key === "ArrowUp" || event.key === "ArrowDown") commitLater(event);
  });

  // a number that was committed is not committed again: what another control sets meanwhile would be overwritten
  document.addEventListener("focusout", (event) => {
    const box = closest(event, BOX);
    const next = event.relatedTarget;
    if (box && box !== (next instanceof Element ? next.closest(BOX) : null)) stopWaiting();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && closest(event, BOX)) stopWaiting();
  });

  const correctAll = debounce(SETTLED, (names: string[]) => {
    if (waiting) return;
    correcting = true; // what is put in here is not typed
    for (const name of names) correctNumber(name, getValue(name));
    correcting = false;
  });

  publish({
    showNumbers() {
      const inputs = Object.keys(window.dash_clientside.callback_context.inputs);
      correctAll(inputs.map((input) => input.replace(".value", "")));
    },
  });
}

/** Write a number into its box if the box shows another one. */
function correctNumber(name: string, value: unknown) {
  const input = document.getElementById(name);
  const lags = input instanceof HTMLInputElement && Math.abs(Number(input.value) - Number(value)) > PRECISION;
  if (lags && typeof value === "number") {
    // the box takes the focus when it formats what it hears of, and the next key would step it
    input.focus = () => {};
    window.setTimeout(() => Reflect.deleteProperty(input, "focus"), SETTLED);
    // React hears of a value only if it is set as the browser does
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, String(value));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
