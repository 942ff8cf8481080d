// plotly.js with the traces of traces.json.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, "node_modules/plotly.js/package.json"), "utf8"));
/** @type {string[]} */
const traces = JSON.parse(readFileSync(join(here, "traces.json"), "utf8"));
const license = readFileSync(join(here, "node_modules/plotly.js/LICENSE"), "utf8");
if (!license.startsWith("MIT License")) {
  throw new Error("the license of plotly.js is not the one that the header names");
}

const entry = `
  var Plotly = require("plotly.js/lib/core");
  Plotly.register([${traces.filter((name) => name !== "scatter").map((name) => `require("plotly.js/lib/${name}")`)}]);
  window.Plotly = Plotly;`;

const header = `/*!
 * plotly.js v${version}
 * Copyright 2012-2026, Plotly, Inc.
 * All rights reserved.
 * Licensed under the MIT license
 *
 * Traces: ${traces.join(", ")}
 * Changed: scenes are searched for what is under the mouse only while it is over them, and not for what is to be skipped;
 * surfaces of 60 points a side or more are drawn as they are; the program that draws lines of axes is kept; ticks lie
 * nearer to a scene; a frame is not hidden by another one of the same task
 */
`;

// What is changed of plotly.js; each must stand in its file exactly once.
const GL = /plotly\.js[\\/]stackgl_modules[\\/]index\.js$/;
const CONVERT = /plotly\.js[\\/]src[\\/]plots[\\/]gl3d[\\/]layout[\\/]convert\.js$/;
const SEARCHED = '(window.matchMedia("(hover: none)").matches || (canvas.parentNode || canvas).matches(":hover"))';
const CHANGES = [
  // What lies under the mouse is found by drawing each scene once more, into memory, and waiting for the graphics card to
  // give it back: after every change of every scene. Here only the scene that the mouse is over does so, where there is one,
  // and once the mouse has come, though nothing else has changed.
  { file: GL, line: "if(pickDirty) {", instead: `if(pickDirty && ${SEARCHED}) {` },
  {
    file: GL,
    line: "    if(!dirty) {\n      return\n    }\n\n    if(boundsChanged) {",
    instead: `    if(!dirty && !(pickDirty && ${SEARCHED})) {\n      return\n    }\n\n    if(boundsChanged) {`,
  },
  // Depths are cleared only while they may be written, which what is transparent ends: of two frames in one task the second was
  // hidden by the first.
  {
    file: GL,
    line: "    scene.clearRGBA()\n\n    gl.depthMask(true)\n",
    instead: "    gl.depthMask(true)\n    scene.clearRGBA()\n",
  },
  // What is not to be found there hides nothing behind it: a clear sheet, a line on a surface.
  {
    file: GL,
    line: "        if(obj.drawPick) {",
    instead: "        if(obj.drawPick && !(obj._trace && obj._trace.data.hoverinfo === 'skip')) {",
  },
  // Other ticks have new lines drawn; theirs is the only use of a program for the graphics card, which was compiled anew.
  {
    file: GL,
    line: "    this._lines.dispose()\n    this._lines = null\n",
    instead:
      "    const old = this._lines\n    this._lines = createLines(this.gl, this.bounds, this.ticks)\n    old.dispose()\n",
  },
  // A surface of fewer than 120 points a side is made finer, that of 100 four times as large, by interpolation alone.
  {
    file: /plotly\.js[\\/]src[\\/]traces[\\/]surface[\\/]convert\.js$/,
    line: "var MIN_RESOLUTION = highlyComposites[9];",
    instead: "var MIN_RESOLUTION = highlyComposites[8];",
  },
  // Ticks of a scene lie near its box, which has the more room.
  { file: CONVERT, line: "this.tickPad = [ 18, 18, 18 ];", instead: "this.tickPad = [ 16, 26, 16 ];" },
];
/** @type {import("esbuild").Plugin} */
const changes = {
  name: "changes",
  setup(builder) {
    for (const file of new Set(CHANGES.map((change) => change.file))) {
      builder.onLoad({ filter: file }, ({ path }) => {
        let contents = readFileSync(path, "utf8");
        for (const { line, instead } of CHANGES.filter((change) => change.file === file)) {
          const parts = contents.split(line);
          if (parts.length !== 2) {
            throw new Error(`${line} stands ${parts.length - 1} times in ${path}, not once: look at what has changed`);
          }
          contents = parts.join(instead);
        }
        return { contents, loader: "js" };
      });
    }
  },
};

/** @returns {Promise<Record<string, Buffer>>} Files of assets by their names. */
export async function bundlePlotly() {
  const result = await build({
    stdin: { contents: entry, resolveDir: here, loader: "js" },
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    legalComments: "eof", // licenses of what plotly.js itself bundles
    charset: "utf8",
    define: { global: "window", "define.amd": "false" },
    alias: { regl: "@plotly/regl" },
    loader: { ".css": "empty" }, // the style of maps with tiles, which are not drawn here
    plugins: [changes],
    write: false,
    logLevel: "warning",
  });
  return {
    "plotly/LICENSE": Buffer.from(license),
    "plotly/plotly.min.js": Buffer.from(header + result.outputFiles[0].text),
  };
}
