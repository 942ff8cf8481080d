/** The words above the pictures while a control moves: the size of the mini-batches and, in Compare, the figures. */
import { held, write } from "./words.ts";

const NONE = "–";
const MANY = 99.5; // from here on two digits are not all that stand before the point
const KINDS = ["minima", "nngpps"];
const FULL = ": the full batch";

const place = (view: string, name: string) => `${view}-intro-${name}`;

/** What was found of minima or of NN-GPPs: how many, and how far from the nearest true one. */
export interface Apparent {
  count: number;
  distance: number;
}

/** Two digits, as `app/panels/intro.py` writes them. */
export function formatDistance(value: number) {
  if (Number.isNaN(value)) return NONE;
  const digits = value.toPrecision(2);
  return value > 0 && value < MANY ? digits : String(Number(digits));
}

/** The rest of a sentence, as `app/panels/intro.py` writes it for a size: the full batch is called that. */
export const restFor = (rest: string, size: number) =>
  rest.replace(/^ of ([\d,]+) samples(?:: the full batch)?(?!, with)/, (_all, samples) => {
    const full = size === Number(samples.replaceAll(",", ""));
    return ` of ${samples} samples${full ? FULL : ""}`;
  });

/** Say in a view's sentence of which size mini-batches are, if it says so. */
export function writeSentence(view: string, size: number) {
  if (!document.getElementById(place(view, "size"))?.textContent) return;
  write(place(view, "size"), String(size));
  write(place(view, "rest"), restFor(held(place(view, "rest")), size));
}

export function writeFigures(view: string, apparent: Apparent[]) {
  KINDS.forEach((kind, at) => {
    write(place(view, kind), String(apparent[at].count));
    write(place(view, `${kind}-distance`), formatDistance(apparent[at].distance));
  });
}

/** Say again what the server said of what was found. */
export function restoreFigures(view: string) {
  for (const kind of KINDS)
    for (const name of [kind, `${kind}-distance`]) write(place(view, name), held(place(view, name)));
}
