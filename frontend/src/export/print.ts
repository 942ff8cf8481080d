/** Print: as on the screen, fitted to the page, in light colours; a scene leaves its canvas blank, so a copy is laid over. */
import { getValue } from "../page/controls.ts";
import { all, element } from "../page/dom.ts";
import { citedPlace } from "./files.ts";
import { recolour } from "./recolour.ts";

const PAGE = { width: 1040, height: 668 }; // of A4 across, within its margins, at 96 points an inch

const undo: (() => void)[] = []; // what brings the screen back, in order

function overlayScenes(graph: Graph) {
  for (const [name, part] of Object.entries<any>(graph._fullLayout ?? {})) {
    const glplot = name.startsWith("scene") ? part?._scene?.glplot : null;
    if (!glplot) continue;
    glplot.redraw();
    const from = glplot.canvas || glplot.gl.canvas;
    const copy = document.createElement("canvas");
    copy.width = from.width;
    copy.height = from.height;
    copy.getContext("2d")?.drawImage(from, 0, 0);
    copy.className = "printed-scene";
    copy.style.cssText = from.style.cssText;
    from.after(copy);
    undo.push(() => copy.remove());
  }
}

function fitPage() {
  const root = document.documentElement;
  const { clientWidth, clientHeight } = element("main");
  const narrow = window.matchMedia("(max-width: 900px)").matches;
  const zoom = narrow ? 1 : Math.min(1, PAGE.width / clientWidth, PAGE.height / clientHeight);
  root.dataset.printed = narrow ? "narrow" : "wide";
  root.style.setProperty("--print-width", `${clientWidth}px`);
  root.style.setProperty("--print-height", `${clientHeight}px`);
  root.style.setProperty("--print-zoom", String(zoom));
}

function lighten(graph: Graph) {
  const { data, layout } = graph;
  const colours = JSON.parse(element("printed").dataset.colours ?? "{}").light;
  window.Plotly.react(graph, recolour(data, colours), recolour(layout, colours));
  undo.push(() => window.Plotly.react(graph, data, layout));
}

export function installPrint() {
  window.addEventListener("beforeprint", () => {
    const printed = document.getElementById("printed");
    if (!printed) return; // before Dash has drawn the page, the first picture is printed as it is
    const seeds = `Seed ${getValue("seed")}, batch seed ${getValue("batch_seed")}`;
    printed.textContent = `${seeds} · ${citedPlace()}`;
    fitPage();
    const dark = document.documentElement.dataset.mantineColorScheme === "dark";
    for (const graph of all<Graph>(".view:not([hidden]) .js-plotly-plot")) {
      try {
        if (dark) lighten(graph);
        overlayScenes(graph);
      } catch (error) {
        window.console.warn("a picture is printed as it is", error);
      }
    }
  });

  window.addEventListener("afterprint", () => {
    for (const restore of undo.splice(0)) restore();
  });
}
