/** The controls at the side can be put away, and the pictures take their room; that is remembered for the visit. */
import { all, element, onClick, onElements } from "../page/dom.ts";

const KEPT = "batchscape-rail";

const isAway = () => document.documentElement.dataset.rail === "away";

function remembered() {
  try {
    return window.sessionStorage.getItem(KEPT) === "away";
  } catch {
    return false; // storage is not allowed
  }
}

function remember(away: boolean) {
  try {
    window.sessionStorage.setItem(KEPT, away ? "away" : "");
  } catch {
    // it lasts until the page is loaded again
  }
}

function markButton() {
  for (const button of all(".rail-toggle")) {
    button.setAttribute("aria-expanded", String(!isAway()));
    button.title = isAway() ? "Show the controls (\\)" : "Put the controls away (\\)";
  }
}

function put(away: boolean) {
  document.documentElement.dataset.rail = away ? "away" : "";
  markButton();
}

/** Put the controls away, or bring them back. */
export function toggleSidebar() {
  const away = !isAway();
  remember(away);
  put(away);
  element("room-heard").textContent = away ? "The controls are put away." : "The controls are shown.";
}

/** On a stage they are away until they are asked for. */
export const clearStage = (stage: boolean) => put(stage || remembered());

export function installSidebar() {
  put(remembered());
  onElements((observer) => {
    if (!document.querySelector(".rail-toggle")) return;
    observer.disconnect();
    markButton();
  });
  onClick(".rail-toggle", toggleSidebar);
}
