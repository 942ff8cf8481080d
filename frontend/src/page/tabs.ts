/** The tabs of the views. */
import { all, isVisible } from "./dom.ts";

/** Name each group of tabs above the first one that a link has not hidden. */
export function nameGroups() {
  let named: string | undefined;
  for (const tab of all("#view .view-name")) {
    const starts = isVisible(tab) && tab.dataset.group !== named;
    tab.classList.toggle("starts", starts);
    if (starts) named = tab.dataset.group;
  }
}
