/**
 * Surfaces take the graphics processor longest, so it is given them at once, and draws while the charts are laid out: all
 * pictures of a view come in one frame. What is to be computed next is asked for after it.
 */
import { markDrawing } from "../page/busy.ts";

const LONGEST = 3000; // milliseconds; a page in the background paints no frames

let painting: Promise<void> | null = null;

const nextFrame = () =>
  new Promise<void>((done) => {
    window.setTimeout(done, LONGEST);
    // not in the frame's own callback, which would hold the frame
    window.requestAnimationFrame(() => window.setTimeout(done));
  });

/** Wait until every surface has been painted. */
export async function surfacesPainted() {
  while (painting) await painting;
}

/** A graph has been given a surface. */
export function paintSurface(graph: Graph) {
  graph._fullLayout?.scene?._scene?.glplot?.gl?.flush();
  const mine = nextFrame().then(() => {
    if (painting !== mine) return;
    painting = null;
    markDrawing("surfaces", false);
  });
  painting = mine;
  markDrawing("surfaces", true);
}
