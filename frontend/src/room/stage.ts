/** A projector's stage: views of two pairs of pictures show one pair at a time, as large as can be. */
import { all, element, isVisible, onClick } from "../page/dom.ts";
import { clearStage } from "./sidebar.ts";

const root = document.documentElement;

const titles = () =>
  all(".view:not([hidden]) > .panel")
    .filter(isVisible)
    .map((panel) => panel.querySelector("h2")?.textContent ?? "");

/** Set the stage, or show the whole page again. */
export function showStage(profile: string) {
  const before = root.dataset.profile ?? "screen";
  root.dataset.profile = profile;
  document.getElementById("profile-toggle")?.setAttribute("aria-pressed", String(profile === "projector"));
  if (profile !== before) clearStage(profile === "projector");
}

/** Choose which pair a stage shows: the first or the second. */
export function showPair(pair: string) {
  root.dataset.pair = pair;
}

/** Show the other pair. */
export function showOtherPair() {
  if (root.dataset.profile !== "projector") return;
  showPair(root.dataset.pair === "second" ? "first" : "second");
  element("room-heard").textContent = titles().join("; ");
}

export function installStage() {
  onClick(".other-pair", showOtherPair);
}
