/** Explanations of controls, for mouse, keyboard and touch: one tooltip for the whole page. */
import { closest } from "../page/dom.ts";

const REST = 400; // milliseconds that the mouse rests before a tooltip opens
const GAP = 8; // pixels
const EXPLAINED = "[data-explanation]";
const MARK = `button[aria-label^='About: ']${EXPLAINED}`; // a question mark: it is there to be asked

const tip = document.createElement("div");
const moved = new ResizeObserver(place); // an error under a box makes room for itself
let shown: HTMLElement | null = null; // what is explained
let described: HTMLElement | null = null; // the element whose description for screen readers is the tooltip
let timer = 0;
let awaited: HTMLElement | null = null; // what is explained once the mouse has rested

/** Change the ids of what describes an element: a refused control is described by its error as well. */
function describe(change: (ids: string[]) => string[]) {
  const ids = change((described?.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
  if (ids.length > 0) {
    described?.setAttribute("aria-describedby", ids.join(" "));
  } else {
    described?.removeAttribute("aria-describedby");
  }
}

function place() {
  if (!shown) return;
  const box = shown.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const right = shown.closest(".rail")?.getBoundingClientRect().right ?? box.right; // over no other control
  const beside = right + GAP + own.width <= window.innerWidth;
  const left = beside ? right + GAP : box.left;
  const top = beside ? box.top + (box.height - own.height) / 2 : box.bottom + GAP;
  const within = (at: number, size: number, whole: number) => Math.max(GAP, Math.min(at, whole - size - GAP));
  tip.style.left = `${within(left, own.width, window.innerWidth)}px`;
  tip.style.top = `${within(top, own.height, window.innerHeight)}px`;
}

function show(explained: HTMLElement, focused: HTMLElement | null) {
  if (!tip.isConnected) document.body.append(tip);
  hide();
  shown = explained;
  described = focused || explained.querySelector("button, input") || explained;
  describe((ids) => [...ids, tip.id]);
  tip.textContent = explained.dataset.explanation ?? "";
  tip.showPopover();
  moved.observe(explained);
  place();
}

function hide() {
  window.clearTimeout(timer);
  awaited = null;
  if (!shown) return;
  tip.hidePopover();
  moved.disconnect();
  describe((ids) => ids.filter((id) => id !== tip.id));
  shown = described = null;
}

export function installTooltip() {
  tip.id = "explanation";
  tip.setAttribute("role", "tooltip");
  tip.popover = "manual";
  tip.className = "tip";

  document.addEventListener("pointerover", (event) => {
    const explained = closest(event, EXPLAINED);
    window.clearTimeout(timer);
    awaited = explained;
    if (explained && explained !== shown) {
      timer = window.setTimeout(() => show(explained, null), event.pointerType === "touch" ? 0 : REST);
    } else if (!explained && !tip.contains(event.target as Node) && shown && !shown.contains(document.activeElement)) {
      timer = window.setTimeout(hide, REST / 2); // time to move onto the tooltip itself
    }
  });
  document.addEventListener("focusin", (event) => {
    const explained = closest(event, EXPLAINED);
    const focused = event.target as HTMLElement;
    if (explained && focused.matches(":focus-visible")) {
      show(explained, focused);
    } else if (!explained || (explained !== awaited && explained !== shown)) {
      hide(); // a click gives the focus to what it is on, too
    }
  });
  document.addEventListener("click", (event) => {
    const mark = closest(event, MARK);
    if (mark && mark !== shown) show(mark, null);
    else if (!mark && closest(event, EXPLAINED)) hide(); // it is used: what it opens would be covered
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", () => shown && place(), true);

  /** Escape hides the tooltip, and does nothing else then. */
  function handleKey(event: KeyboardEvent) {
    if (event.key !== "Escape" || !shown) return;
    event.preventDefault();
    hide();
  }
  document.addEventListener("keydown", handleKey, true);
}
