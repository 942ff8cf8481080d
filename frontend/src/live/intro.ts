/** The words above the pictures while a control moves: the size of the mini-batches and the three figures. */
import { held, write } from "./words.ts";

const NONE = "–";
const MANY = 99.5; // from here on two digits are not all that stand before the point
const PLACES = ["size", "rest", "minima", "minima-distance", "nngpps", "nngpps-distance"];

const place = (name: string) => `intro-${name}`;

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

export function writeIntro(size: number, samples: number, [minima, nngpps]: Apparent[]) {
  const words: Record<string, string> = {
    size: String(size),
    rest: ` of ${samples} samples${size === samples ? ": the full batch" : ""}.`,
    minima: String(minima.count),
    "minima-distance": formatDistance(minima.distance),
    nngpps: String(nngpps.count),
    "nngpps-distance": formatDistance(nngpps.distance),
  };
  for (const name of PLACES) write(place(name), words[name]);
}

/** Say again what the server said. */
export function restoreIntro() {
  for (const name of PLACES) write(place(name), held(place(name)));
}
