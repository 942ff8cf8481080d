/** A scene as a map of the same numbers: its first surface as a heatmap, with the curves that lie on it. */

import { isClassKey } from "./sides.ts";
import { SQUARE } from "./square.ts";

const FLAT = "slope exactly 0"; // name of a patch
const HOVER = ".3~g"; // the digits of numbers under the mouse
const BENEATH = "#ffffff"; // curves that lie on an underside

/** A surface as a heatmap of its heights, or of its colours. */
function heatmap(surface: any, coloured: boolean) {
  const { len, x, xanchor, ...colorbar } = surface.colorbar || {};
  return {
    type: "heatmap",
    name: surface.name,
    x: surface.x,
    y: surface.y,
    z: coloured ? surface.surfacecolor : surface.z,
    zmin: surface.cmin,
    zmax: surface.cmax,
    colorscale: surface.colorscale,
    showscale: surface.showscale !== false,
    colorbar,
    hoverinfo: surface.hoverinfo,
    hovertemplate: surface.hovertemplate,
    zhoverformat: HOVER,
  };
}

/** The line along which a surface is zero. */
const zeroLine = ({ x, y, z }: any) => ({
  type: "contour",
  name: "zero",
  x,
  y,
  z,
  autocontour: false,
  contours: { start: 0, end: 0, size: 1, coloring: "lines", showlabels: false },
  colorscale: [0, 1].map((end) => [end, "#000000"]),
  line: { width: 1.2 },
  showscale: false,
  hoverinfo: "skip",
});

const flatCurve = ({ z, ...trace }: any) => ({
  ...trace,
  type: "scatter",
  line: { ...trace.line, width: trace.line.width / 2 },
});

const flatAxis = ({ color }: any, name: string) => ({
  color,
  title: { standoff: 2, text: name, font: { size: 13 } },
  showgrid: false,
  zeroline: false,
  automargin: true,
  hoverformat: HOVER,
});

/** The map of a figure with a scene: of its first surface, or of the underside if that is what the camera sees. */
export function flatMap(figure: Figure): Figure {
  const { scene, ...layout } = figure.layout;
  const surfaces = figure.data.filter((one) => one.type === "surface" && one.visible !== false && !one.hidesurface);
  const underside = scene.uirevision === "below" && surfaces.find((one) => one.surfacecolor);
  const shown = underside || surfaces[0];
  // a patch where a slope is exactly 0 is a surface of its own, and so is then the line of its zeros
  const patch = !underside && surfaces.find((one) => one.name === FLAT);
  const zero = !underside && figure.data.find((one) => one.type === "surface" && one.contours?.z?.show);
  const curves = figure.data.filter(
    (one) => one.type === "scatter3d" && (underside || (one.line.color !== BENEATH && !isClassKey(one))),
  );
  return {
    ...figure,
    data: [
      ...(shown ? [heatmap(shown, Boolean(underside))] : []),
      ...(patch ? [heatmap(patch, false)] : []),
      ...(zero && zero.visible !== false ? [zeroLine(zero)] : []),
      ...curves.map(flatCurve),
    ],
    layout: {
      ...layout,
      meta: { ...layout.meta, map: true }, // of a scene
      legend: { ...layout.legend, y: 1.01, yanchor: "bottom" },
      margin: { l: 8, r: 8, t: 8, b: 4 },
      xaxis: { ...flatAxis(scene.xaxis, "d1"), ...SQUARE.xaxis },
      yaxis: { ...flatAxis(scene.yaxis, "d2"), ...SQUARE.yaxis },
      dragmode: "zoom",
    },
  };
}
