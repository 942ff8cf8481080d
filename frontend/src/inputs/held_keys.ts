/**
 * A key that is held on the slider of the mini-batch size. Its thumb is moved here, and the page hears of the last place
 * alone: Dash would be told of every step, which takes longer than to draw what is seen there.
 */
import { setValue } from "../page/controls.ts";
import { closest } from "../page/dom.ts";

const SLIDER = "batch_size";
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/** A place between two ends, and which share of the way to it is. */
export function stepTo(place: number, step: number, [least, most]: [number, number]) {
  const next = Math.max(least, Math.min(most, place + step));
  return { next, share: (next - least) / (most - least) };
}

/** Move a thumb as Mantine does, who is told of it later. */
function moveThumb(thumb: HTMLElement, step: number) {
  const [place, least, most] = ["now", "min", "max"].map((name) => Number(thumb.getAttribute(`aria-value${name}`)));
  const { next, share } = stepTo(place, step, [least, most]);
  thumb.setAttribute("aria-valuenow", String(next));
  thumb.style.setProperty("--slider-thumb-offset", `${100 * share}%`);
  const bar = thumb.parentElement?.querySelector<HTMLElement>(".mantine-Slider-bar");
  bar?.style.setProperty("--slider-bar-width", `calc(${100 * share}% + 2 * var(--slider-size))`);
  return next;
}

export function installHeldKeys() {
  let place: number | null = null; // where the thumb was moved to

  document.addEventListener(
    "keydown",
    (event) => {
      const thumb = closest(event, `#${SLIDER} [role=slider]`);
      const step = STEPS[event.key];
      if (!thumb || !step || (!event.repeat && place === null)) return; // the first press is Mantine's
      event.preventDefault();
      event.stopPropagation();
      place = moveThumb(thumb, step);
    },
    true,
  );

  function release() {
    if (place !== null) setValue(SLIDER, place);
    place = null;
  }
  document.addEventListener("keyup", release);
  document.addEventListener("focusout", release);
}
