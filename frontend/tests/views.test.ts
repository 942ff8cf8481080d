import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countKnown,
  decodeLine,
  knownPlaces,
  nameOfSample,
  nearestPlace,
  nextOptimum,
  pointAt,
  samplesAt,
} from "../src/oracle/line.ts";
import { flatMap } from "../src/plotly/flat_map.ts";
import { sideChanges } from "../src/plotly/sides.ts";
import { fitMap, SQUARE } from "../src/plotly/square.ts";
import { tonesOf } from "../src/views/tones.ts";

test("tones skip what is not finite", () => {
  const tones = tonesOf([3, 1, 2, Number.NaN, Number.POSITIVE_INFINITY, 2.5], [-1, -0.5, 0.5, Number.NaN, 1, 2]);
  assert.deepEqual(
    tones.map(({ octave }) => octave),
    [2, 0, 1, null, null, 1.5],
  );
  assert.deepEqual(
    tones.map(({ negative }) => negative),
    [true, true, false, false, false, false],
  );
  assert.deepEqual(
    tones.map(({ minimum }) => minimum),
    [false, true, false, false, false, false],
  );
});

test("a flat line has one tone", () => {
  assert.deepEqual(
    tonesOf([2, 2, 2], [0, 0, 0]).map(({ octave }) => octave),
    [0, 0, 0],
  );
});

const floats = (values: number[]) => ({
  bdata: Buffer.from(new Float32Array(values).buffer).toString("base64"),
  dtype: "f4",
});

const chart = {
  figure: {
    data: [
      { x: floats([0, 1, 2, 3]), y: floats([5, 4, 6, 3]) },
      { x: [1], y: [4] },
    ],
    layout: {},
  },
  roles: ["drawn", "found"],
  known: [[1, 2, 3, 4], [3]],
};

const line = decodeLine({
  members: btoa("\x05\x01\x00\x02"), // 10 samples: two bytes a point
  classes: btoa("\0\0\0"),
  samples: 10,
  charts: { loss: chart, slope: chart },
});

test("which samples a point draws", () => {
  assert.deepEqual(samplesAt(line, 0), [0, 2, 8]);
  assert.deepEqual(samplesAt(line, 1), [9]);
  assert.equal(nameOfSample({ one: "sample", names: [] }, 4), "5");
  assert.equal(nameOfSample({ one: "parabola", names: ["a", "b"] }, 1), "b");
});

test("what is known at a step, as a count by hand", () => {
  for (let step = 0; step < 6; step += 1) {
    assert.equal(countKnown([1, 2, 2, 5], step), [1, 2, 2, 5].filter((one) => one <= step).length);
  }
  assert.deepEqual([...knownPlaces(line.charts.loss, "drawn", 2)], [0, 1]);
  assert.deepEqual([...knownPlaces(line.charts.loss, "found", 2)], []);
  assert.deepEqual([...knownPlaces(line.charts.loss, "found", 3)], [1]);
});

test("to the next optimum, and no further where there is none", () => {
  const { loss } = line.charts;
  assert.equal(nextOptimum(loss, 4, 3, -1), 1);
  assert.equal(nextOptimum(loss, 4, 0, 1), 1);
  assert.equal(nextOptimum(loss, 4, 1, 1), 1);
  assert.equal(nextOptimum(loss, 2, 0, 1), 0);
  assert.equal(pointAt(loss, 2), 2);
});

test("the nearest place", () => {
  assert.equal(nearestPlace([1, 5, 8], 6), 5);
  assert.equal(nearestPlace([], 6), null);
});

test("a scene as a map: heights, or colours from below, with the curves that are seen there", () => {
  const surface = {
    type: "surface",
    z: [[1]],
    surfacecolor: [[2]],
    colorbar: { len: 1, title: "loss" },
    contours: { z: { show: true } },
  };
  const curves = [
    { type: "scatter3d", name: "over", z: [1], line: { color: "#000000", width: 4 } },
    { type: "scatter3d", name: "beneath", z: [1], line: { color: "#ffffff", width: 4 } },
  ];
  const axis = { color: "#111111", title: { text: "d1" } };
  const mapOf = (uirevision: string) =>
    flatMap({ data: [surface, ...curves], layout: { scene: { uirevision, xaxis: axis, yaxis: axis } } });
  const namesOf = ({ data }: Figure) => data.map(({ type, name }) => [type, name].join(" "));
  const above = mapOf("above");
  assert.deepEqual(namesOf(above), ["heatmap ", "contour zero", "scatter over"]);
  assert.deepEqual([above.data[0].z, above.data[0].colorbar, above.data[2].line.width], [[[1]], { title: "loss" }, 2]);
  assert.deepEqual(
    [above.layout.meta, above.layout.scene, above.layout.xaxis.title.text],
    [{ map: true }, undefined, "d1"],
  );
  assert.equal(above.layout.yaxis.scaleanchor, "x");
  const below = mapOf("below");
  assert.deepEqual(namesOf(below), ["heatmap ", "scatter over", "scatter beneath"]);
  assert.deepEqual(below.data[0].z, [[2]]);
});

test("a map's margins leave a square, in the middle with its colour bar", () => {
  const { margin } = fitMap({ ...SQUARE, margin: { l: 8, r: 8, t: 8, b: 4 } }, { clientWidth: 534, clientHeight: 254 });
  assert.equal(534 - margin.l - margin.r, 254 - 8 - 46);
  assert.equal(margin.l - 44, margin.r - 62);
  assert.deepEqual([margin.t, margin.b], [8, 4]);
  const narrow = fitMap({ ...SQUARE, margin: {} }, { clientWidth: 200, clientHeight: 400 });
  assert.deepEqual(narrow.margin, { l: 44, r: 62 });
  const chart = { margin: { l: 8 }, yaxis: {} };
  assert.equal(fitMap(chart, { clientWidth: 534, clientHeight: 254 }), chart);
});

test("from below a legend tells of the classes, from above of the layers", () => {
  const data = [
    { type: "surface", name: "mean", showlegend: true, colorbar: {} },
    { type: "surface", name: "below" },
    { type: "scatter3d", name: "negative", meta: "class", showlegend: false },
  ];
  assert.equal(sideChanges(data, false), null);
  assert.deepEqual(sideChanges(data, true), {
    showlegend: [false, null, true],
    showscale: [false, false, null],
  });
  assert.equal(sideChanges(data.slice(0, 2), true), null);
});

const GRID = { x: [-1, 0, 1], y: [-1, 0, 1] };
const FLAT = { ...GRID, z: [[0, 0, null]], name: "slope exactly 0" };
const AROUND = {
  ...GRID,
  z: [[null, 0, 1]],
  name: "slope",
  colorscale: "RdBu",
  cmin: -2,
  cmax: 2,
  colorbar: { len: 1 },
};
const LINE = { ...GRID, z: [[null, null, 1]], name: "slope 0", hidesurface: true, contours: { z: { show: true } } };
const UNDERSIDE = { ...GRID, z: [[0, 0, 1]], name: "from below", surfacecolor: [[3, 3, 2]], cmin: -0.5, cmax: 3.5 };

/** The map of a scene of surfaces, as `app/plotting/plotly/scenes.py` draws them. */
const mapOf = (surfaces: any[], uirevision = "keep") =>
  flatMap({
    data: surfaces.map((one) => ({ type: "surface", ...one })),
    layout: { scene: { uirevision, xaxis: {}, yaxis: {} } },
  } as any);

const summary = (figure: any) => figure.data.map((one: any) => [one.type, one.name, one.z]);

test("where a slope is exactly 0 the map is shaded, and the line of zeros is drawn outside alone", () => {
  const figure = mapOf([AROUND, LINE, { ...FLAT, colorscale: [[0, "#888"]], showscale: false }]);
  assert.deepEqual(summary(figure), [
    ["heatmap", "slope", AROUND.z],
    ["heatmap", FLAT.name, FLAT.z],
    ["contour", "zero", LINE.z],
  ]);
  const [around, patch] = figure.data;
  assert.deepEqual([around.showscale, patch.showscale], [true, false]);
  assert.deepEqual([around.zmin, around.zmax, patch.colorscale], [-2, 2, [[0, "#888"]]]);
});

test("without a patch the line of zeros is the surface's own", () => {
  assert.deepEqual(summary(mapOf([{ ...AROUND, contours: { z: { show: true } } }])), [
    ["heatmap", "slope", AROUND.z],
    ["contour", "zero", AROUND.z],
  ]);
});

test("an underside has its patch as a class, and is drawn alone", () => {
  const figure = mapOf([AROUND, LINE, FLAT, UNDERSIDE], "below");
  assert.deepEqual(summary(figure), [["heatmap", UNDERSIDE.name, UNDERSIDE.surfacecolor]]);
});
