/** The picture that the page shows before its scripts run; it goes as soon as the surfaces that it stands for are drawn. */
import { all, bindOnce, graphOf } from "./dom.ts";

const SURFACES = ["compare-loss", "compare-slope"];
const PATIENCE = 30_000; // milliseconds after which it goes in any case

export function installFirstPicture() {
  const first = document.getElementById("first");
  if (!first) return;
  const watch = new MutationObserver(look);
  const drawn = new Set<Graph>();

  const bind = bindOnce((graph) => {
    const arrive = () => {
      if (graph.data?.length) drawn.add(graph);
      if (drawn.size === SURFACES.length) {
        window.requestAnimationFrame(() => window.requestAnimationFrame(end)); // the canvas is painted after the event
      }
    };
    graph.on("plotly_afterplot", arrive);
    arrive();
  });

  function end() {
    watch.disconnect();
    first?.remove();
  }

  function look() {
    if (!first || !document.querySelector("#react-entry-point .page")) return;
    if (!first.classList.contains("live")) {
      first.classList.add("live");
      for (const part of all("h1, h2, header, main, aside", first)) part.setAttribute("aria-hidden", "true");
      window.setTimeout(end, PATIENCE);
    }
    if (!first.querySelector("picture") || document.getElementById("view-compare")?.hidden) {
      end();
      return;
    }
    for (const name of SURFACES) bind(graphOf(name));
  }

  const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] };
  watch.observe(document.documentElement, changes);
  look();
}
