/** Light and dark, which view is visible, and controls that are put away in a narrow window. */

import { drawnAnew } from "../plotly/wrap.ts";
import { markDrawn } from "./address.ts";
import { publish, setProps } from "./dash.ts";
import { closest, element, onClick } from "./dom.ts";

const CANCELLED = "Cancelled. The charts show the previous settings.";

/** What explains the page is folded away by a choice, a click elsewhere, and Escape. */
function installHelp() {
  const opened = () => document.querySelector<HTMLDetailsElement>(".help[open]");
  const close = (help: HTMLDetailsElement) => {
    help.open = false;
    help.querySelector("summary")?.focus(); // where a dialog gives the focus back to
  };
  document.addEventListener("click", (event) => {
    const help = opened();
    if (!help) return;
    if (closest(event, ".help :is(button, a)")) close(help);
    else if (!closest(event, ".help")) help.open = false;
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const help = opened();
      if (!help || event.key !== "Escape") return;
      event.preventDefault();
      close(help);
    },
    true,
  );
}

export function installLayout() {
  installHelp();
  drawnAnew.add((graph) => {
    if (graph.closest(".view:not([hidden])")) delete element("main").dataset.previous;
  });
  onClick("#controls-toggle", (toggle) => {
    const open = toggle.getAttribute("aria-expanded") !== "true";
    toggle.setAttribute("aria-expanded", String(open));
    document.documentElement.dataset.controls = open ? "open" : "away";
  });

  publish({
    /** By `setProps`, so that drawing does not wait for a study that is no longer wanted. */
    reportArrival(computed) {
      setProps("arrived", { data: computed });
      markDrawn();
    },

    chooseTheme(clicks, chosen) {
      const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      const now = chosen || system;
      const theme = clicks ? (now === "dark" ? "light" : "dark") : now;
      return [theme, theme, theme === "dark" ? "Light" : "Dark"];
    },

    /** The words above the pictures, or their figures alone. */
    showIntro(clicks, before) {
      const shown = clicks ? before === false : before !== false;
      return [shown, shown ? "intro" : "intro short", String(shown)];
    },

    /** A box is seen in the views that show it, unless none of its fields changes anything. */
    showView(view, inert, boxes) {
      const chosen = document.querySelector(`#view input[value="${view}"]`);
      chosen?.parentElement?.scrollIntoView({ block: "nearest", inline: "nearest" });
      const outputs: { id: string }[] = window.dash_clientside.callback_context.outputs_list;
      const nothing: string[] = inert?.view === view ? inert.fields : []; // not what was said of the view before
      return outputs.map(({ id }) => {
        if (!(id in boxes)) return id !== `view-${view}`;
        const [views, fields]: [string[], string[]] = boxes[id];
        return !views.includes(view) || (fields.length > 0 && fields.every((name) => nothing.includes(name)));
      });
    },

    /** Until something else is drawn, the pictures are not of what the controls say. */
    reportCancelled() {
      element("main").dataset.previous = "shown";
      return CANCELLED;
    },
  });
}
