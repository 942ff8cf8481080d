import assert from "node:assert/strict";
import { test } from "node:test";
import { keepScale as keep, noteScale, subjectOf } from "../src/plotly/scale.ts";

const surface = (study: string, most: number, name = "loss") => ({
  data: [{ type: "surface", name, cmin: 0, cmax: most, colorbar: {} }, { type: "scatter3d" }],
  layout: { meta: { study }, scene: { zaxis: {} } } as any,
});

const chart = (study: string, top: number, along = 0) => ({
  data: [{ type: "scatter" }, { type: "bar", name: "d1" }],
  layout: { meta: { study, along }, yaxis: { title: { text: "loss" } }, yaxis2: { range: [0, top] } } as any,
});

/** A graph as Plotly leaves it. */
const drawn = (ends: Record<string, number[]>, scene = false) => {
  const axes = Object.fromEntries(Object.entries(ends).map(([name, range]) => [name, { range }]));
  return { data: [{}], _fullLayout: scene ? { scene: axes } : axes } as unknown as Graph;
};

/** As a graph is given one figure after the other. */
function keepScale(graph: Graph, figure: Figure) {
  noteScale(graph); // it was drawn before
  return keep(graph, figure);
}

test("a surface keeps its colours, and holds the heights that it had", () => {
  const graph = drawn({ zaxis: [-1, 5] }, true);
  assert.equal(keepScale(graph, surface("a", 2)).data[0].cmax, 2);
  const next = keepScale(graph, surface("a", 3));
  assert.equal(next.data[0].cmax, 2);
  assert.deepEqual(next.layout.scene.zaxis, { autorangeoptions: { include: [-1, 5] } });
  Object.assign(graph._fullLayout.scene.zaxis, { range: [0, 9] });
  assert.deepEqual(keepScale(graph, surface("a", 1)).layout.scene.zaxis.autorangeoptions.include, [-1, 9]);
});

test("another study, or another quantity, has scales of its own", () => {
  const graph = drawn({ zaxis: [-1, 5] }, true);
  keepScale(graph, surface("a", 2));
  const other = surface("b", 7);
  assert.equal(keepScale(graph, other), other);
  assert.equal(keepScale(graph, surface("b", 8)).data[0].cmax, 7);
  const slope = surface("b", 1, "slope");
  assert.equal(keepScale(graph, slope), slope);
  assert.equal(subjectOf({ data: [], layout: {} }), "");
});

test("a graph that was emptied for a while comes back as it was", () => {
  const graph = drawn({ zaxis: [-1, 5] }, true);
  keepScale(graph, surface("a", 2));
  keepScale(graph, { data: [], layout: {} });
  Object.assign(graph, { data: [], _fullLayout: { yaxis: { range: [-1, 4] } } });
  const back = keepScale(graph, surface("a", 3));
  assert.equal(back.data[0].cmax, 2);
  assert.deepEqual(back.layout.scene.zaxis.autorangeoptions.include, [-1, 5]);
});

test("axes of a chart grow, whether their ends are given or found", () => {
  const graph = drawn({ yaxis: [0.2, 1], yaxis2: [0, 9] });
  keepScale(graph, chart("a", 9));
  const { layout } = keepScale(graph, chart("a", 4));
  assert.deepEqual(layout.yaxis, { title: { text: "loss" }, autorangeoptions: { include: [0.2, 1] } });
  assert.deepEqual(layout.yaxis2, { range: [0, 9] });
  assert.deepEqual(keepScale(graph, chart("a", 12)).layout.yaxis2.range, [0, 12]);
  assert.deepEqual(keepScale(graph, chart("a", 4, 7)).layout.yaxis2.range, [0, 9]); // of another line
});
