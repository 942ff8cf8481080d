/** The words beside pictures while a control moves. React owns them: what is put in here is taken back by what it holds. */
import { getProp } from "../page/dash.ts";

const PARTS = ["title", "note"];

/** The words that React holds for an element. */
export const held = (id: string) => String(getProp(id, "children") ?? "");

export function write(id: string, words: string) {
  const text = document.getElementById(id)?.firstChild;
  if (text && text.nodeValue !== words) text.nodeValue = words;
}

/** Say in a panel's title of which size mini-batches are. */
export const writeSize = (panel: string, size: number) =>
  write(`${panel}-title`, held(`${panel}-title`).replace(/\|B\| = \d+/, `|B| = ${size}`));

/** Say other words in a panel's note than those that the server said. */
export const writeNote = (panel: string, other: (said: string) => string) =>
  write(`${panel}-note`, other(held(`${panel}-note`)));

/** Say again what the server said. */
export function restoreWords(panel: string) {
  for (const part of PARTS) write(`${panel}-${part}`, held(`${panel}-${part}`));
}
