/** Maps of a square plane: Plotly keeps them square, and margins take the room beside them, so that colour bars stay near. */
const NAMES = { left: 44, below: 46, above: 8 }; // room of ticks and titles, in pixels
const BAR = 62;

/** How a map's axes are laid out: a unit is equally long both ways, and what is left over is no part of the map. */
export const SQUARE = { xaxis: { constrain: "domain" }, yaxis: { constrain: "domain", scaleanchor: "x" } } as const;

/** A layout with the margins of its graph, if it is one of a map; other layouts stay as they are. */
export function fitMap(layout: any, { clientWidth, clientHeight }: { clientWidth: number; clientHeight: number }) {
  if (layout.yaxis?.constrain !== "domain" || !clientWidth || !clientHeight) return layout;
  const side = clientHeight - NAMES.above - NAMES.below;
  const spare = Math.max(0, clientWidth - NAMES.left - side - BAR) / 2;
  return { ...layout, margin: { ...layout.margin, l: NAMES.left + spare, r: BAR + spare } };
}
