/**
 * The chart of four lines while a control moves: painted over the one that Plotly has drawn, in its axes and colours. Plotly
 * would take a tenth of a second for it.
 */
import { fillLegend, isFaint, writeCounts } from "../plotly/legend_row.ts";

export interface LineContent {
  positions: number[];
  curves: ArrayLike<number>[]; // values along each line
  found: number[][]; // places of the apparent optima on each line
  counts: number[][]; // of each line, in equal bins; none where they are not known
  of?: number[]; // which of the chart's curves each has its looks of, if it is not its own
  moved?: boolean; // whether the line is another one, of which nothing is drawn
}

const DASHES: Record<string, number[]> = {
  solid: [],
  dot: [2, 3],
  dash: [8, 5],
  dashdot: [8, 4, 2, 4],
  longdash: [14, 6],
};
const MARK = 4; // pixels from the middle of a mark to its corners
const FAINT = 0.14; // opacity of lines behind the one that stands out, as in panels.css
const ROOM = 0.06; // above and below the values, as a share of their height

const canvasOf = (graph: Graph) => graph.querySelector<HTMLCanvasElement>("canvas.live");

const painted = new WeakMap<Graph, LineContent>();

/** What is painted over a chart in place of one of its curves, if anything is. */
export function paintedCurve(graph: Graph, curve: number) {
  const content = painted.get(graph);
  return content?.curves[content.of ? content.of.indexOf(curve) : curve];
}

/** Take the painting away; Plotly's chart is under it. */
export function clearChart(graph: Graph) {
  painted.delete(graph);
  if (!graph.classList.contains("live")) return;
  canvasOf(graph)?.remove();
  graph.classList.remove("live");
  fillLegend(graph);
}

function makeCanvas(graph: Graph) {
  const canvas =
    canvasOf(graph) ?? (graph.querySelector(".svg-container") as Element).appendChild(document.createElement("canvas"));
  const scale = window.devicePixelRatio || 1;
  const { width, height } = graph._fullLayout;
  canvas.className = "live";
  canvas.setAttribute("aria-hidden", "true");
  canvas.width = width * scale; // this empties it, too
  canvas.height = height * scale;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const brush = canvas.getContext("2d") as CanvasRenderingContext2D;
  brush.scale(scale, scale);
  return brush;
}

/** Make room for values, and for a count: axes stay so, see `../plotly/scale.ts`. */
export function widenChart(graph: Graph, [least, most]: [number, number], count: number) {
  const { yaxis, yaxis2 } = graph._fullLayout;
  const [low, high] = yaxis.range;
  const room = ROOM * (most - least);
  const changes: Record<string, [number, number]> = {};
  if (least < low || most > high) {
    changes["yaxis.range"] = [least < low ? least - room : low, most > high ? most + room : high];
  }
  if (count > yaxis2.range[1]) changes["yaxis2.range"] = [yaxis2.range[0], (1 + ROOM) * count];
  return Object.keys(changes).length > 0 ? window.Plotly.relayout(graph, changes) : null;
}

/** Paint a chart anew. */
export function paintChart(graph: Graph, content: LineContent) {
  const { xaxis, yaxis, yaxis2 } = graph._fullLayout;
  const whole = graph._fullData ?? [];
  const lines = whole.filter((trace) => trace.mode === "lines");
  const points = whole.filter((trace) => trace.mode === "markers");
  const marks = points.filter(({ marker }) => marker.symbol !== "star");
  const bars = whole.filter((trace) => trace.type === "bar");
  const brush = makeCanvas(graph);
  painted.set(graph, content);
  graph.classList.add("live");
  const looks = content.curves.map((_, curve) => lines[content.of?.[curve] ?? curve]);
  const stale = lines.filter((line) => content.moved || looks.includes(line) || line.yaxis !== "y");
  for (const { uid } of [...stale, ...(content.moved ? points : marks)])
    graph.querySelector(`.trace${uid}`)?.classList.add("moving");
  writeCounts(
    graph,
    content.found.map((places) => places.length),
  );
  const opacity = (line: number) => (isFaint(looks[line].legendgroup) ? FAINT : (looks[line].opacity ?? 1));
  const across = (place: number) => xaxis._offset + xaxis.d2p(place);
  const up = (axis: any, value: number) => axis._offset + axis.d2p(value);
  const within = (axis: any, paint: () => void) => {
    brush.save();
    brush.beginPath();
    brush.rect(xaxis._offset, axis._offset, xaxis._length, axis._length);
    brush.clip();
    paint();
    brush.restore();
  };

  within(yaxis, () => {
    content.curves.forEach((curve, line) => {
      const { color, width, dash } = looks[line].line;
      brush.globalAlpha = opacity(line);
      brush.strokeStyle = color;
      brush.lineWidth = width;
      brush.setLineDash(DASHES[dash] ?? []);
      brush.beginPath();
      content.positions.forEach((place, at) => {
        brush.lineTo(across(place), up(yaxis, curve[at]));
      });
      brush.stroke();
    });
    brush.setLineDash([]);
    content.found.forEach((places, line) => {
      brush.globalAlpha = opacity(line);
      brush.fillStyle = marks[line].marker.color;
      const triangle = marks[line].marker.symbol === "triangle-down";
      for (const at of places)
        paintMark(brush, across(content.positions[at]), up(yaxis, content.curves[line][at]), triangle);
    });
  });

  if (content.counts.length === 0) return;
  within(yaxis2, () => {
    const below = content.counts[0].map(() => 0);
    content.counts.forEach((counts, line) => {
      brush.globalAlpha = opacity(line);
      brush.fillStyle = bars[line].marker.color;
      const reach = content.positions[content.positions.length - 1];
      const wide = (xaxis.d2p(reach) - xaxis.d2p(-reach)) / counts.length;
      counts.forEach((count, bin) => {
        const [bottom, top] = [up(yaxis2, below[bin]), up(yaxis2, below[bin] + count)];
        below[bin] += count;
        brush.fillRect(across(-reach) + bin * wide, top, wide, bottom - top);
      });
    });
  });
}

/** A triangle that points down, or a diamond. */
function paintMark(brush: CanvasRenderingContext2D, x: number, y: number, triangle: boolean) {
  brush.beginPath();
  if (triangle) {
    brush.moveTo(x - MARK, y - MARK / 2);
    brush.lineTo(x + MARK, y - MARK / 2);
    brush.lineTo(x, y + MARK);
  } else {
    brush.moveTo(x, y - MARK);
    brush.lineTo(x + MARK, y);
    brush.lineTo(x, y + MARK);
    brush.lineTo(x - MARK, y);
  }
  brush.fill();
}
