/** Elements of the page: find them, and hear of those that Dash and Plotly draw later. */

/** The element of an id; throws if there is none. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found;
}

/** The element of a selector that an event happened in. */
export const closest = (event: Event, selector: string): HTMLElement | null =>
  event.target instanceof Element ? event.target.closest(selector) : null;

export const all = <T extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document) => [
  ...within.querySelectorAll<T>(selector),
];

/** Whether an element takes room in the page. */
export const isVisible = (one: Element | null) => one instanceof HTMLElement && one.offsetParent !== null;

/** Text as it stands in HTML. */
export const escapeHtml = (text: string) => new Option(text).innerHTML;

/** The graph of a panel, once there is one. */
export const graphOf = (panel: string): Graph | null => document.querySelector(`#${CSS.escape(panel)} .js-plotly-plot`);

/** The name of the view that is shown. */
export const shownView = () => document.querySelector(".view:not([hidden])")?.id.replace("view-", "") ?? "";

/** Call for clicks in elements of a selector, whenever they are drawn. */
export function onClick(selector: string, run: (clicked: HTMLElement, event: MouseEvent) => void, capture = false) {
  const handle = (event: MouseEvent) => {
    const clicked = closest(event, selector);
    if (clicked) run(clicked, event);
  };
  document.addEventListener("click", handle, capture);
}

/** Call whenever elements come or go. */
export function onElements(run: (observer: MutationObserver) => void) {
  const watch = new MutationObserver((_, observer) => run(observer));
  watch.observe(document.documentElement, { childList: true, subtree: true });
}

/** A function that adds handlers to a graph: once, and not before Plotly has drawn into it. */
export function bindOnce<A extends unknown[]>(bind: (graph: DrawnGraph, ...values: A) => void) {
  const bound = new WeakSet<Graph>();
  return (graph: Graph | null, ...values: A) => {
    if (!graph?.on || bound.has(graph)) return;
    bound.add(graph);
    bind(graph as DrawnGraph, ...values);
  };
}

/** Copy to the clipboard, and tell whether that was allowed: it takes a secure page. */
export async function copyText(text: string) {
  try {
    await window.navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
