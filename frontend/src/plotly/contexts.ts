/**
 * Browsers keep few WebGL contexts, so only the view that is shown has some: the surfaces of a hidden view are taken down,
 * and come back with it.
 */
import { all } from "../page/dom.ts";

const PATIENCE = 1500; // milliseconds for an answer of the server, which makes the old picture needless

const kept = new WeakMap<Graph, Figure>(); // what a graph showed before it was taken down

/** End the contexts of those canvases that are no longer in the page. */
export function endContexts(canvases: Iterable<HTMLCanvasElement>) {
  for (const canvas of canvases) {
    const context = canvas.isConnected ? null : canvas.getContext("webgl") || canvas.getContext("webgl2");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

function takeDown(graph: Graph) {
  const canvases = all<HTMLCanvasElement>("canvas", graph);
  kept.set(graph, { data: graph.data ?? [], layout: graph.layout });
  window.Plotly.react(graph, [], {}).then(() => endContexts(canvases));
}

function bringBack(view: HTMLElement) {
  for (const graph of all<Graph>(".js-plotly-plot", view)) {
    const before = kept.get(graph);
    kept.delete(graph);
    if (before && !view.hidden && !graph.data?.length) window.Plotly.react(graph, before.data, before.layout);
  }
}

export function installContexts() {
  const watch = new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (!(target instanceof HTMLElement && target.classList.contains("view") && window.Plotly)) continue;
      if (target.hidden) {
        all<Graph>(".js-plotly-plot", target)
          .filter((graph) => graph._fullLayout?.scene)
          .forEach(takeDown);
      } else {
        window.setTimeout(bringBack, PATIENCE, target);
      }
    }
  });
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["hidden"], subtree: true });
}
