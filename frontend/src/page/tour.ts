/** The tour: what is predicted before it is revealed, and the keys of a presenter's clicker; and the exercises' strip. */
import { showPair } from "../room/stage.ts";
import { setValue } from "./controls.ts";
import { all, element, onClick, onElements } from "./dom.ts";

const strip = () => document.getElementById("tour");

const state = {
  before: "", // the link that was shown before the tour: leaving it brings that back, and else stays where one is
  inside: false, // whether the focus was in the strip when a scene was left
  head: null as Element | null,
};

const press = (name: string) => strip()?.querySelector<HTMLElement>(`.${name}`)?.click();

export const isTouring = () => Boolean(strip()?.childElementCount);
const answer = () => strip()?.querySelector<HTMLElement>(".tour-answer");
const card = () => strip()?.querySelector<HTMLElement>(".tour-card");

/** Show the card with which the tour ends, or put it away. */
function showCard(shown: boolean) {
  const button = strip()?.querySelector(".tour-more");
  const end = card();
  if (!button || !end) return;
  end.hidden = !shown;
  button.setAttribute("aria-expanded", String(shown));
}

/** Show the answer or hide it, and with it what a scene shows once it is revealed. */
function showAnswer(shown: boolean) {
  const button = strip()?.querySelector<HTMLElement>(".tour-reveal");
  const words = answer();
  if (!button || !words || words.hidden !== shown) return;
  words.hidden = !shown;
  button.setAttribute("aria-expanded", String(shown));
  if (!shown) {
    showCard(false);
    return;
  }
  showPair(button.dataset.pair ?? "first");
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.sets ?? "{}"))) setValue(name, value);
}

/** Begin, reveal the answer, show what to take away, go to the next scene: whatever comes next; a clicker has one key. */
export function nextScene() {
  if (!isTouring()) element("tour-start").click();
  else if (answer()?.hidden) showAnswer(true);
  else if (card()?.hidden) showCard(true);
  else press("tour-next");
}
export const previousScene = () => press("tour-back");

/** Put the card away, or leave the tour. */
export function leaveTour() {
  if (card()?.hidden === false) showCard(false);
  else press("tour-leave");
}

export const toggleReveal = () => showAnswer(Boolean(answer()?.hidden));

/** The strip is made anew with each scene: a focus inside it stays there, and elsewhere the scene is announced. */
function announceScene() {
  // for the style: :has() of the strip would be asked anew at every change of the page
  document.documentElement.toggleAttribute("data-tour", Boolean(strip()?.querySelector(".tour-answers")));
  const head = strip()?.querySelector<HTMLElement>("h2");
  if (!head || head === state.head) return;
  state.head = head;
  showPair("first");
  if (state.inside) head.focus();
  element("tour-heard").textContent = state.inside ? "" : `${head.dataset.kind ?? "Scene"} ${head.textContent}`;
}

function leaveScene(link: HTMLElement) {
  state.inside = strip()?.contains(document.activeElement) ?? false;
  if (link.classList.contains("tour-leave")) {
    if (state.before) link.setAttribute("href", state.before);
    state.before = "";
    showPair("first");
  } else if (!isTouring()) {
    state.before = window.location.search || "?";
  }
}

/** A chosen answer reveals the right one. */
function chooseAnswer(option: HTMLElement) {
  const verdict = answer()?.querySelector(".tour-said");
  if (!verdict) return;
  for (const one of all("#tour .tour-option")) one.setAttribute("aria-pressed", String(one === option));
  verdict.textContent = option.dataset.right === "yes" ? "Yes. " : "Not quite. ";
  showAnswer(true);
}

export function installTour() {
  onElements(announceScene);
  onClick("a[href^='?scene='], a[href^='?exercise='], .tour-leave", leaveScene, true);
  onClick(".tour-option", chooseAnswer);
  onClick(".tour-reveal", toggleReveal);
  onClick(".tour-more", () => showCard(Boolean(card()?.hidden)));
}
