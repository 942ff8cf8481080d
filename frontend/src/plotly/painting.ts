/**
 * Surfaces are painted first: when surfaces and charts change together, charts and requests wait for a few frames, in which
 * the surfaces are drawn, composed and seen.
 */
import { markDrawing } from "../page/busy.ts";

const FRAMES = 3;
const LONGEST = 3000; // milliseconds; a page in the background paints no frames

let painting: Promise<void> | null = null;

const nextFrames = () =>
  new Promise<void>((done) => {
    window.setTimeout(done, LONGEST);
    // not in the frame's own callback, which would hold the frame
    const after = (count: number) =>
      window.requestAnimationFrame(() => (count > 1 ? after(count - 1) : window.setTimeout(done)));
    after(FRAMES);
  });

/** Whether some surface has not been painted yet. */
export const isPainting = () => painting !== null;

/** Wait until every surface has been painted. */
export async function surfacesPainted() {
  while (painting) await painting;
}

/** Draw a surface. Drawing takes long the first time: frames are counted once it is done. */
export function paintSurface<T>(draw: () => T) {
  const drawn = draw();
  const mine = nextFrames().then(() => {
    if (painting !== mine) return;
    painting = null;
    window.setTimeout(() => markDrawing("surfaces", painting !== null)); // once the charts that waited are drawn
  });
  painting = mine;
  markDrawing("surfaces", true);
  return drawn;
}
