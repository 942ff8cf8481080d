import assert from "node:assert/strict";
import { test } from "node:test";
import { listNotes, readUnits, writeAscii, writeSize } from "../src/data/words.ts";
import { fileStem, placeCaption, wrapText } from "../src/export/captions.ts";
import { recolour } from "../src/export/recolour.ts";
import { stepTo } from "../src/inputs/held_keys.ts";
import { angleOf } from "../src/page/compass.ts";
import { publish } from "../src/page/dash.ts";
import { bindOnce } from "../src/page/dom.ts";
import { cycle, findEntry, nameOf, nextBatchSize } from "../src/page/key_table.ts";
import { hidingRules, joinLink, splitNames } from "../src/page/link.ts";

const NONE = { ctrlKey: false, metaKey: false, shiftKey: false };
const OWN = { camera: "", profile: "", hide: "" };

test("presses have names", () => {
  assert.equal(nameOf({ ...NONE, key: "g" }), "g");
  assert.equal(nameOf({ ...NONE, key: "V", shiftKey: true }), "Shift+V");
  assert.equal(nameOf({ ...NONE, key: "?", shiftKey: true }), "?");
  assert.equal(nameOf({ ...NONE, key: " ", shiftKey: true }), "Shift+ ");
  assert.equal(nameOf({ ...NONE, key: "ArrowUp", shiftKey: true }), "Shift+ArrowUp");
  assert.equal(nameOf({ ...NONE, key: "z", metaKey: true }), "Control+z");
});

test("single characters can be switched off, and nothing else with them", () => {
  const entries = ["g", "Control+z", "Escape"].map((key) => ({ keys: [key], action: key, moves: {} }));
  assert.equal(findEntry(entries, { ...NONE, key: "g" }, true)?.action, "g");
  assert.equal(findEntry(entries, { ...NONE, key: "g" }, false), undefined);
  assert.equal(findEntry(entries, { ...NONE, key: "z", ctrlKey: true }, false)?.action, "Control+z");
  assert.equal(findEntry(entries, { ...NONE, key: "Escape" }, false)?.action, "Escape");
  assert.equal(findEntry(entries, { ...NONE, key: "x" }, true), undefined);
});

test("batch sizes go up and down from any number", () => {
  const around = (size: number, samples = 150) => [nextBatchSize(size, -1, samples), nextBatchSize(size, 1, samples)];
  assert.deepEqual(around(10), [5, 20]);
  assert.deepEqual(around(30), [20, 50]);
  assert.deepEqual(around(50), [20, 149]);
  assert.deepEqual([around(150)[1], around(1)[0]], [undefined, undefined]);
  assert.deepEqual(around(300, 1797), [200, 500]);
  assert.deepEqual(around(1000, 1797), [500, 1796]);
  assert.deepEqual(
    [around(1, 1), around(1, 2)],
    [
      [undefined, undefined],
      [undefined, 2],
    ],
  );
});

test("choices go round", () => {
  assert.deepEqual([cycle(["a", "b"], "b", 1), cycle(["a", "b"], "a", -1)], ["a", "b"]);
});

test("links: the server's part, the browser's, and the version last", () => {
  assert.equal(joinLink("", OWN), "");
  assert.equal(joinLink("?seed=3&v=1", OWN), "?seed=3&v=1");
  assert.equal(joinLink("?seed=3&v=1", { ...OWN, camera: "1,2,3,4,5,6" }), "?seed=3&camera=1,2,3,4,5,6&v=1");
  assert.equal(joinLink("", { ...OWN, hide: "seed,range" }), "?hide=seed,range&v=1");
});

test("only names of controls get into the style sheet", () => {
  assert.equal(hidingRules(""), "");
  assert.equal(hidingRules("a{},b c,<x>"), "");
  const rules = hidingRules("seed,x*").split("\n");
  assert.equal(rules.length, 1);
  assert.match(rules[0], /^#seed, \[data-part="seed"\], .* \{ display: none; \}$/);
});

test("the compass goes counter-clockwise from the right, in steps of 5°", () => {
  assert.deepEqual([angleOf(1, 0), angleOf(0, 1), angleOf(-1, 0), angleOf(0, -1)], [0, 90, 180, 270]);
  assert.deepEqual([angleOf(1, -0.01), angleOf(100, 14)], [0, 10]);
});

test("captions break after spaces, and links after & and ?", () => {
  const measure = (text: string) => text.length;
  assert.deepEqual(wrapText("one two three", 8, measure), ["one two", "three"]);
  assert.deepEqual(wrapText("/?seed=1&v=1", 6, measure), ["/?", "seed=1&", "v=1"]);
  assert.deepEqual(wrapText("", 8, measure), []);
});

test("a picture stands between its captions", () => {
  const { top, whole, lines } = placeCaption(100, [{ size: 10 }], [{ size: 10 }, { size: 20 }]);
  assert.deepEqual([top, whole], [32, 192]);
  assert.deepEqual(
    lines.map(({ y }) => y),
    [22, 148, 172],
  );
});

test("files are named by figure or panel", () => {
  assert.equal(fileStem("figures-a", "Fig. 3(b): loss", "tanh", 7), "batchscape-figure-3b-tanh-seed7");
  assert.equal(fileStem("compare-loss", "Loss", "relu", 7), "batchscape-compare-loss-relu-seed7");
});

test("colours are exchanged wherever they stand, numbers stay", () => {
  const numbers = new Float32Array(3);
  const figure = { a: ["#000", { b: "#000" }], c: numbers, d: null };
  assert.deepEqual(recolour(figure, { "#000": "#fff" }), { a: ["#fff", { b: "#fff" }], c: numbers, d: null });
  assert.equal(recolour(figure, {}).c, numbers);
});

test("names of older links lead to the present ones", () => {
  assert.deepEqual(splitNames("chances,seed"), ["counts", "seed"]);
  assert.match(hidingRules("chances"), /input\[value="counts"\]/);
});

test("a published function that returns nothing leaves its outputs as they are", () => {
  const dash: any = { no_update: "no update", batchscape: { older: 1 } };
  Object.assign(globalThis, { window: { dash_clientside: dash } });
  publish({ hide: () => undefined, show: (view: string) => [view, null] });
  const { older, hide, show } = window.dash_clientside.batchscape;
  assert.deepEqual([older, hide(), show("race")], [1, "no update", ["race", null]]);
  assert.deepEqual(dash.batchscape, { older: 1 }); // Dash's own object stays as it was
});

test("handlers are added once to each graph, and not before it is drawn", () => {
  const bound: string[] = [];
  const bind = bindOnce((graph, name: string) => bound.push(`${graph.id} ${name}`));
  const [one, other]: any[] = [
    { id: "one", on() {} },
    { id: "other", on: undefined },
  ];
  for (const graph of [null, one, other, one]) bind(graph, "a");
  other.on = () => {};
  bind(other, "b");
  assert.deepEqual(bound, ["one a", "other b"]);
});

test("sizes of files as a person reads them", () => {
  assert.deepEqual([1, 15_400, 1e6, 52_300_000].map(writeSize), ["1 kB", "16 kB", "1.0 MB", "52 MB"]);
});

test("what goes into the head of a request has letters of ASCII alone", () => {
  const written = writeAscii({ target: "Länge 🐧" });
  assert.match(written, /^[\x20-\x7e]*$/);
  assert.deepEqual(JSON.parse(written), { target: "Länge 🐧" });
});

test("units are read as they are typed", () => {
  assert.deepEqual(["32, 16", "8", "4 4", ""].map(readUnits), [[32, 16], [8], [4, 4], []]);
  assert.deepEqual(["ten", "1.5", "-3", "123456"].map(readUnits), [null, null, null, null]);
});

test("what will be done stands in lines", () => {
  const found = { rows: [], names: [], target: "mass", samples: 24, inputs: 3 };
  assert.deepEqual(listNotes({ ...found, classes: [], notes: ["a note"] }), [
    "24 samples, 3 inputs; mass is a number.",
    "a note",
  ]);
  assert.equal(listNotes({ ...found, classes: ["a", "b"] })[0], "24 samples, 3 inputs; mass is one of 2 classes.");
});

test("a held key goes as far as the ends of its slider", () => {
  assert.deepEqual(stepTo(10, 1, [1, 150]), { next: 11, share: 10 / 149 });
  assert.deepEqual(stepTo(150, 1, [1, 150]), { next: 150, share: 1 });
  assert.deepEqual(stepTo(1, -1, [1, 150]), { next: 1, share: 0 });
});
