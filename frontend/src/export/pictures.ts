/** Pictures of a panel as files, with its title, its note and its link. */
import { getValue } from "../page/controls.ts";
import { element, graphOf } from "../page/dom.ts";
import { withLegend } from "../plotly/legend_row.ts";
import { fileStem, placeCaption, SPACE, wrapText } from "./captions.ts";
import { showDone } from "./dialog.ts";
import { citedPlace, saveFile } from "./files.ts";
import { embeddedFont } from "./font.ts";
import { withResolution } from "./png.ts";
import { otherColours, pngOptions } from "./png_options.ts";
import { recolour } from "./recolour.ts";

const PNG_WIDTH = 1920; // pixels: a slide's
const NO_COPY = "This browser does not let the page copy pictures. Download the PNG instead.";
const SVG = "http://www.w3.org/2000/svg";

export const textOf = (id: string) => document.getElementById(id)?.textContent ?? "";

/** The text of an element without what can only be done on the page. */
/** What is said above the pictures of a panel's view, and of itself. */
const captionsOf = (panel: string) =>
  [`${panel.split("-")[0]}-intro`, `${panel}-note`].map(captionOf).filter(Boolean).join(" ");

function captionOf(id: string) {
  const copy = document.getElementById(id)?.cloneNode(true) as Element | undefined;
  for (const hint of copy?.querySelectorAll(".hint, strong, dl, button") ?? []) hint.remove();
  return copy?.textContent?.trim() ?? "";
}

function makeCanvas(width: number, height: number) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return { canvas, brush: canvas.getContext("2d") as CanvasRenderingContext2D };
}

/** The lines of a caption; `size` and `width` are pixels. */
function captionLines(text: string, size: number, weight: number, colour: string, width: number) {
  const { brush } = makeCanvas(1, 1);
  const family = window.getComputedStyle(document.body).fontFamily;
  const font = `${weight} ${size}px ${family}`;
  brush.font = font;
  const lines = wrapText(text, width - 2 * SPACE, (line) => brush.measureText(line).width);
  return lines.map((line) => ({ line, size, weight, colour, font, family }));
}

function layOut(panel: string, colours: Record<string, string> = {}, captioned = true) {
  const graph = graphOf(panel);
  if (!graph) throw new Error("This panel has no picture.");
  const { clientWidth: width, clientHeight: height } = graph;
  const style = window.getComputedStyle(document.documentElement);
  const [sheet, ink, muted] = ["--sheet", "--ink", "--muted"].map((name) =>
    recolour(style.getPropertyValue(name).trim().toUpperCase(), colours),
  );
  const title = textOf(`${panel}-title`);
  const above = captioned ? captionLines(title, 17, 650, ink, width) : [];
  const below = captioned
    ? [...captionLines(captionsOf(panel), 12, 400, ink, width), ...captionLines(citedPlace(), 11, 400, muted, width)]
    : [];
  const stem = fileStem(panel, title, getValue("activation"), getValue("seed"));
  return { graph, title, stem, width, height, sheet, ...placeCaption(height, above, below) };
}

async function drawPng(panel: string) {
  const { colours: chosen, transparent, caption } = pngOptions();
  const shown = document.documentElement.dataset.mantineColorScheme ?? "";
  const colours = otherColours(chosen, shown, JSON.parse(element("printed").dataset.colours ?? "{}"));
  const { graph, stem, width, height, top, whole, lines, sheet } = layOut(panel, colours, caption);
  const scale = PNG_WIDTH / width;
  const image = new Image();
  // scenes are drawn anew with as many pixels; Plotly does so in one canvas of its own, which it keeps
  const picture = await drawSvg(graph, width, height, { plotGlPixelRatio: scale }, colours);
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(picture))}`;
  await image.decode();
  const { canvas, brush } = makeCanvas(PNG_WIDTH, Math.round(whole * scale));
  brush.scale(scale, scale);
  brush.fillStyle = sheet;
  if (!transparent) brush.fillRect(0, 0, width, whole);
  brush.drawImage(image, 0, top, width, height);
  for (const { font, colour, line, y } of lines) {
    brush.font = font;
    brush.fillStyle = colour;
    brush.fillText(line, SPACE, y);
  }
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("The picture is too large for this browser. Make the window smaller and try again.");
  return { picture: withResolution(new Uint8Array(await blob.arrayBuffer())), name: `${stem}.png` };
}

export async function savePng(panel: string) {
  const { picture, name } = await drawPng(panel);
  saveFile(picture, name);
}

/** Copy a picture; browsers want to be asked at once, while it is still being drawn. */
export async function copyPng(panel: string) {
  if (!navigator.clipboard?.write || !("ClipboardItem" in window)) throw new Error(NO_COPY);
  const drawn = drawPng(panel).then(({ picture }) => picture);
  await navigator.clipboard.write([new ClipboardItem({ "image/png": drawn })]).catch(async () => {
    await drawn; // what went wrong may be the drawing
    throw new Error(NO_COPY);
  });
  showDone("The picture is copied.");
}

function svgElement(name: string, attributes: Record<string, string | number>, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}

/** Plotly's picture, which may be encoded as part of an address. */
const decodeSvg = (text: string) => (text.trimStart().startsWith("<") ? text : decodeURIComponent(text));

/** A graph with its legend, and with the page's font inside: a picture sees none that is outside of it. */
async function drawSvg(graph: Graph, width: number, height: number, config = {}, colours = {}) {
  const { data, layout } = recolour(withLegend(graph), colours);
  const size = { format: "svg", width, height, imageDataOnly: true };
  const drawn = await window.Plotly.toImage({ data, layout, config }, size);
  const picture = new DOMParser().parseFromString(decodeSvg(drawn), "image/svg+xml").documentElement;
  picture.prepend(svgElement("style", {}, await embeddedFont()));
  return picture;
}

export async function saveSvg(panel: string) {
  const { graph, title, stem, width, height, top, whole, lines, sheet } = layOut(panel);
  const picture = await drawSvg(graph, width, height);
  picture.setAttribute("x", "0");
  picture.setAttribute("y", String(top));
  const root = svgElement("svg", { width, height: whole, viewBox: `0 0 ${width} ${whole}` });
  root.append(
    svgElement("title", {}, title),
    svgElement("rect", { width, height: whole, fill: sheet }),
    picture,
    ...lines.map(({ y, colour, size, weight, family, line }) => {
      const font = { "font-size": size, "font-weight": weight, "font-family": family };
      return svgElement("text", { x: SPACE, y, fill: colour, ...font }, line);
    }),
  );
  saveFile(new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml" }), `${stem}.svg`);
}

const hasScene = (graph: Graph) =>
  (graph.data ?? []).some(({ type }) => type === "surface" || String(type).endsWith("3d"));

/** What a printed PDF of a graph is made of. */
export const describePdf = (graph: Graph | null) =>
  graph && hasScene(graph) ? "as printed; 3-D parts are embedded as bitmaps" : "as printed";

/** What an SVG of a graph is made of. */
export function describeSvg(graph: Graph | null) {
  if (!graph) return "";
  if (hasScene(graph)) return "3-D parts are embedded as bitmaps";
  return (graph.data ?? []).some(({ type }) => type === "heatmap")
    ? "vector; the map's colours are raster inside"
    : "vector";
}
