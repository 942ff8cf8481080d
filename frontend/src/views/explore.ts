/** Explore: what is under the mouse is read out when it rests, and again when another draw is there. */
import { spotted } from "../crosshair/crosshair.ts";
import type { Place } from "../crosshair/spot.ts";
import { publish, setProps } from "../page/dash.ts";
import { debounce } from "../page/debounce.ts";
import { drawnAnew } from "../plotly/wrap.ts";

const VIEW = "#view-explore";
const MAP = "#explore-map";
const REST = 150; // milliseconds

let last: Place | null = null; // that was read out

const readOut = debounce(REST, (at: Place) => {
  last = at;
  setProps("hovered", { data: at });
});

/** Another draw has other numbers there; a smaller plane may have lost the place. */
function readAgain(map: Graph) {
  const reach: number = map.layout?.xaxis?.range?.[1] ?? 0;
  if (last?.every((place) => Math.abs(place) <= reach)) readOut(last);
  else last = null;
}

export function installExplore() {
  spotted.add(({ points }, graph) => {
    if (points.length === 1 && graph.closest(VIEW)) readOut(points[0].place);
  });
  drawnAnew.add((graph) => {
    if (graph.closest(MAP)) readAgain(graph);
  });

  publish({
    /** Changes of the layout, if they move the line. */
    takeDraggedLine(change) {
      const moved = Object.keys(change ?? {}).some((name) => name.startsWith("shapes[0]."));
      return moved ? change : undefined;
    },
  });
}
