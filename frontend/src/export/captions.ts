/** Captions of an exported picture: its title above it, its note and its link below. */

export const SPACE = 12; // pixels around a picture
const GAP = 6; // pixels between a picture and its captions

/** Break a text into lines, after spaces and after "&" and "?" of links. */
export function wrapText(text: string, width: number, measure: (text: string) => number) {
  const lines = [];
  let line = "";
  for (const piece of text.split(/(?<=[\s&?])/)) {
    if (line && measure(line + piece) > width) {
      lines.push(line.trim());
      line = "";
    }
    line += piece;
  }
  return line.trim() ? [...lines, line.trim()] : lines;
}

/** Place lines from a height on down: each with its base line, and the height where they end. */
function stack<T extends { size: number }>(lines: T[], start: number) {
  let end = start;
  const placed = lines.map((line) => {
    const y = end + line.size;
    end += Math.ceil(line.size * 1.4);
    return { ...line, y };
  });
  return { placed, end };
}

/** Place a picture of a height between its captions: its top, the lines with their base lines, and the whole height. */
export function placeCaption<T extends { size: number }>(height: number, above: T[], below: T[]) {
  const head = stack(above, SPACE);
  const top = head.end + GAP;
  const foot = stack(below, top + height + GAP);
  return { top, whole: foot.end + SPACE, lines: [...head.placed, ...foot.placed] };
}

/** The name of a picture's file without its ending, as the server names files of numbers. */
export function fileStem(panel: string, title: string, activation: string, seed: number) {
  const figure = /^Fig\. (\d+)\((\w)\)/.exec(title);
  return `batchscape-${figure ? `figure-${figure[1]}${figure[2]}` : panel}-${activation}-seed${seed}`;
}
