// Build the page's scripts and its style into ../assets, the same bytes every time. With --check, compare what is there.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundlePlotly } from "./plotly.js";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "../assets");

/**
 * @param {string} entry
 * @param {string[]} target
 * @returns {Promise<Buffer>}
 */
async function bundle(entry, target = ["es2022"]) {
  const result = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    format: "iife",
    target,
    charset: "utf8",
    legalComments: "eof",
    write: false,
    logLevel: "warning",
  });
  return Buffer.from(result.outputFiles[0].contents);
}

const font = join(here, "node_modules/@fontsource-variable/source-sans-3"); // as published, its Latin letters alone

/** @type {Record<string, Buffer>} */
const files = {
  "first/colours.js": await bundle("src/inline/colours.ts"), // both are put into the page itself
  "first/start.js": await bundle("src/inline/start.ts"),
  "scripts/batchscape.min.js": await bundle("src/main.ts"), // by its name Dash loads it after plotly/
  "scripts/LICENSE": readFileSync(join(here, "node_modules/regenerator-runtime/LICENSE")), // what they hold of others
  "page.css": await bundle("style/index.css", ["chrome120", "firefox121", "safari17.2"]), // they nest rules and know :has()
  "fonts/source-sans-3.woff2": readFileSync(join(font, "files/source-sans-3-latin-wght-normal.woff2")),
  "fonts/LICENSE": readFileSync(join(font, "LICENSE")),
  ...(await bundlePlotly()),
};

const stale = [];
for (const [name, content] of Object.entries(files)) {
  const path = join(assets, name);
  if (!process.argv.includes("--check")) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    console.log(`${relative(process.cwd(), path)}: ${content.length.toLocaleString("en")} bytes`);
  } else if (!existsSync(path) || !content.equals(readFileSync(path))) {
    stale.push(`assets/${name}`);
  }
}
if (stale.length > 0) {
  console.error(`Not what frontend/ gives: ${stale.join(", ")}. Run \`make bundle\` and commit them.`);
  process.exit(1);
}
