/**
 * The legend of a chart of several lines as one row above it. It never wraps, so that charts beside each other are equally
 * high. One line stands out at a time, in all such charts: that under the mouse or the focus, else the one that was chosen.
 */
import { all, closest } from "../page/dom.ts";

const ROW = "legend-row";
const DASHES: Record<string, string> = { dash: "6 4", dot: "2 3", dashdot: "6 3 2 3" };
const SYMBOLS: Record<string, string> = { "triangle-down": "▼", diamond: "◆", star: "★" };

export interface LegendEntry {
  group: string; // the line that it stands for; "" for a mark
  name: string;
  count: string;
  colour: string;
  dash: string; // of a line
  symbol: string; // of a mark
}

const state = { pointed: "", focused: "", chosen: "", changed: () => {} };

/** The entries of a legend, of traces that are called "name: count". */
export function legendEntries(traces: any[]): LegendEntry[] {
  return traces
    .filter(({ type, showlegend }) => type === "scatter" && showlegend !== false)
    .map(({ name, mode, line, marker, legendgroup }) => {
      const [words, count = ""] = name.split(": ");
      return mode === "lines"
        ? {
            group: legendgroup ?? "",
            name: words,
            count,
            colour: line.color,
            dash: DASHES[line.dash] ?? "",
            symbol: "",
          }
        : { group: "", name: words, count, colour: marker.color, dash: "", symbol: SYMBOLS[marker.symbol] ?? "●" };
    });
}

/** The line that stands out, or "". */
export const outstanding = () => state.pointed || state.focused || state.chosen;

/** Whether a line steps back behind another. */
export const isFaint = (group: string) => outstanding() !== "" && group !== outstanding();

/** Call when another line stands out. */
export function onStandOut(run: () => void) {
  state.changed = run;
}

const rowOf = (graph: Graph) => graph.closest(".panel")?.querySelector<HTMLElement>(`.${ROW}`);

/** Fade what Plotly has drawn, without having it drawn again. */
function fade(graph: Graph) {
  const bars = all<any>(".barlayer .trace", graph) as Element[];
  let bar = 0;
  for (const { uid, type, visible, legendgroup } of graph._fullData ?? []) {
    if (visible !== true) continue;
    const drawn = type === "bar" ? bars[bar++] : graph.querySelector(`.trace${uid}`);
    drawn?.classList.toggle("faint", Boolean(legendgroup) && isFaint(legendgroup));
  }
}

function showOutstanding() {
  for (const row of all(`.${ROW}`)) {
    for (const entry of all("button", row)) {
      const { group = "" } = entry.dataset;
      entry.setAttribute("aria-pressed", String(group === state.chosen));
      entry.classList.toggle("faint", isFaint(group));
    }
    const graph = row.parentElement?.querySelector<Graph>(".js-plotly-plot");
    if (graph) fade(graph);
  }
  state.changed();
}

function change(one: "pointed" | "focused" | "chosen", group: string) {
  if (state[one] === group) return;
  state[one] = group;
  showOutstanding();
}

/** Make a line stand out, or all alike if it does already. Returns whether it stands out now. */
export function choose(group: string) {
  change("chosen", state.chosen === group ? "" : group);
  return state.chosen === group;
}

/** Whether a chart with such a legend is shown. */
export const hasLegendRow = () => document.querySelector(`.view:not([hidden]) .${ROW}`) !== null;

function makeEntry({ group, name, count, colour, dash, symbol }: LegendEntry) {
  const made = document.createElement(group ? "button" : "span");
  const number = document.createElement("b");
  number.textContent = count;
  made.append(symbol ? `${symbol} ${name} ` : `${name} `, number);
  if (made instanceof HTMLButtonElement) {
    made.type = "button";
    made.dataset.group = group;
    const box = `<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true"><line x2="100%" y1="2" y2="2" stroke-width="3"/></svg>`;
    made.insertAdjacentHTML("beforeend", box);
    const line = made.querySelector("line") as SVGLineElement;
    line.setAttribute("stroke", colour);
    line.setAttribute("stroke-dasharray", dash);
  }
  return made;
}

function makeRow(panel: Element, graph: Graph) {
  const row = document.createElement("div");
  row.className = ROW;
  row.setAttribute("role", "toolbar");
  row.setAttribute("aria-label", "Make a line stand out");
  panel.insertBefore(row, graph.closest(".graph"));
  return row;
}

/** Write the legend of what a graph shows into its row. */
export function fillLegend(graph: Graph, traces: any[] = graph.data ?? []) {
  const row = rowOf(graph);
  if (!row) return;
  const held = (row.contains(document.activeElement) && (document.activeElement as HTMLElement).dataset.group) || "";
  row.replaceChildren(...legendEntries(traces).map(makeEntry));
  const entries = all("button", row);
  for (const [at, entry] of entries.entries()) entry.tabIndex = at === 0 ? 0 : -1;
  if (held) entries.find(({ dataset }) => dataset.group === held)?.focus();
  showOutstanding();
}

/** Write other counts into the legend: those of each line, and of all. */
export function writeCounts(graph: Graph, counts: number[]) {
  const row = rowOf(graph);
  if (!row) return;
  all("button b", row).forEach((number, line) => {
    number.textContent = String(counts[line]);
  });
  const [found] = all("span b", row);
  found.textContent = String(counts.reduce((sum, one) => sum + one, 0));
}

/** What a graph shows of a figure: without the legend that a row above it says. */
export function withLegendRow(graph: Graph, figure: Figure): Figure {
  const panel = graph.closest(".panel");
  if (!panel || figure.layout.meta?.legend !== "row") {
    rowOf(graph)?.remove();
    return figure;
  }
  if (!rowOf(graph)) makeRow(panel, graph);
  fillLegend(graph, figure.data);
  return { ...figure, layout: { ...figure.layout, showlegend: false } };
}

/** The figure that a graph shows, with its legend, to be taken away. */
export const withLegend = ({ data, layout }: Graph): Figure => ({
  data: data ?? [],
  layout: layout.meta?.legend === "row" ? { ...layout, showlegend: true } : layout,
});

/** Once Plotly has drawn, its lines are as faint as they were. */
export const keepFaint = (graph: Graph) => {
  if (graph.layout?.meta?.legend === "row") fade(graph);
};

function moveFocus(event: KeyboardEvent) {
  const entry = closest(event, `.${ROW} button`);
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!entry || !by || event.shiftKey) return;
  event.preventDefault();
  const entries = all("button", entry.parentElement as Element);
  const next = entries[(entries.indexOf(entry) + by + entries.length) % entries.length];
  for (const one of entries) one.tabIndex = one === next ? 0 : -1;
  next.focus();
}

export function installLegendRow() {
  const groupAt = (event: Event) => closest(event, `.${ROW} button`)?.dataset.group ?? "";
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") change("pointed", groupAt(event));
  });
  document.addEventListener("focusin", (event) => {
    const seen = (event.target as Element).matches(":focus-visible");
    change("focused", seen ? groupAt(event) : "");
  });
  document.addEventListener("focusout", () => change("focused", ""));
  document.addEventListener("click", (event) => {
    const group = groupAt(event);
    if (group) choose(group);
  });
  document.addEventListener("keydown", moveFocus); // before the page's own keys: it is installed before them
}
