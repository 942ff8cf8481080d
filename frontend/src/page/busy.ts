/** Whether everything that is known is drawn, too: the main part of the page says while it is not. */

const underway = new Set<string>();

/** Say that something of the page is being drawn, or is drawn. */
export function markDrawing(what: string, busy: boolean) {
  if (busy) underway.add(what);
  else underway.delete(what);
  document.getElementById("main")?.setAttribute("aria-busy", String(underway.size > 0));
}
