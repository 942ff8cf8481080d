import assert from "node:assert/strict";
import { test } from "node:test";
import { legendEntries } from "../src/plotly/legend_row.ts";

const LINE = { type: "scatter", mode: "lines", line: { color: "#00f", dash: "dash" }, legendgroup: "d1-d2" };
const MARK = { type: "scatter", mode: "markers", marker: { color: "#000", symbol: "star" } };

test("a legend has an entry for each line and each mark, with its count", () => {
  const traces = [
    { ...LINE, name: "d1−d2: 31" },
    { ...MARK, name: "d1−d2, minimum", showlegend: false, legendgroup: "d1-d2" },
    { ...MARK, name: "true: 4" },
    { type: "bar", name: "d1−d2", showlegend: false },
  ];
  assert.deepEqual(legendEntries(traces), [
    { group: "d1-d2", name: "d1−d2", count: "31", colour: "#00f", dash: "6 4", symbol: "" },
    { group: "", name: "true", count: "4", colour: "#000", dash: "", symbol: "★" },
  ]);
});
