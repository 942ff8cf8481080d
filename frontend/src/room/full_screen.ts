/**
 * One panel over the whole page. It covers the page by itself, without the browser's own full screen, which a frame may
 * refuse and a phone has for films only; what is covered takes no focus.
 */
import { all, element, isVisible, onClick } from "../page/dom.ts";

const FULL = "full";
const COVERED = ".bar, .rail-controls, .rail-toggle, .tour, .view > *";

const state = { panel: null as HTMLElement | null, focus: null as Element | null, hovered: null as Element | null };

const buttonOf = (panel: Element) => panel.querySelector<HTMLElement>(".full-button");
const titleOf = (panel: Element) => panel.querySelector("h2")?.textContent ?? "";

function show(panel: HTMLElement, full: boolean) {
  panel.classList.toggle(FULL, full);
  document.documentElement.toggleAttribute("data-full", full);
  for (const one of all(COVERED)) one.inert = full && one !== panel;
  buttonOf(panel)?.setAttribute("aria-pressed", String(full));
  buttonOf(panel)?.setAttribute("title", full ? "Leave full screen (Esc)" : "Full screen (F)");
  element("room-heard").textContent = full
    ? `${titleOf(panel)}: full screen. Escape leaves it.`
    : "Full screen is left.";
}

/** Show a panel over the whole page. */
function enter(panel: HTMLElement) {
  leaveFullScreen();
  state.focus = document.activeElement;
  state.panel = panel;
  show(panel, true);
  if (!panel.contains(state.focus)) buttonOf(panel)?.focus();
}

/** Show the page again, if a panel is over it; the focus goes back to where it was. */
export function leaveFullScreen() {
  const { panel, focus } = state;
  if (!panel) return false;
  state.panel = null;
  show(panel, false);
  if (focus instanceof HTMLElement && !panel.contains(focus)) focus.focus({ preventScroll: true });
  return true;
}

/** Leave full screen, or show the panel that has the focus or the mouse, or the first one. */
export function toggleFullScreen() {
  if (leaveFullScreen()) return;
  const near = [document.activeElement, state.hovered].map((one) => one?.closest<HTMLElement>(".panel") ?? null);
  const first = all(".view:not([hidden]) > .panel").filter((panel) => buttonOf(panel) && isVisible(panel));
  const chosen = near.find((panel) => panel && first.includes(panel)) ?? first[0];
  if (chosen) enter(chosen);
}

export function installFullScreen() {
  onClick(".full-button", (button) => {
    const panel = button.closest<HTMLElement>(".panel") as HTMLElement;
    if (panel === state.panel) leaveFullScreen();
    else enter(panel);
  });
  document.addEventListener("pointerover", ({ target }) => {
    state.hovered = target as Element;
  });
  // a panel whose view is put away covers nothing
  const watch = new MutationObserver(() => {
    if (state.panel?.closest("[hidden]")) leaveFullScreen();
  });
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["hidden"], subtree: true });
}
