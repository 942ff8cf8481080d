/** The export dialog: besides what the server fills in, options of PNG files and a button for each picture of the view. */
import { publish } from "../page/dash.ts";
import { all, graphOf, isVisible, onClick } from "../page/dom.ts";
import { openDialog, showError } from "./dialog.ts";
import { savePng, textOf } from "./pictures.ts";
import { showPngOptions } from "./png_options.ts";

/** Panels of the view whose pictures can be saved: what a panel has in its own menu, for all of them at once. */
const drawnPanels = () =>
  all("[data-take]")
    .filter(isVisible)
    .map(({ dataset }) => dataset.take ?? "")
    .filter((panel) => graphOf(panel)?.data?.length);

function pngButton(panel: string) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.dataset.pngOf = panel;
  button.textContent = textOf(`${panel}-title`);
  return button;
}

async function openExport() {
  await openDialog("Export", "export/dialog");
  showPngOptions();
  document.getElementById("png-files")?.replaceChildren(...drawnPanels().map(pngButton));
}

export function installExportDialog() {
  onClick("[data-png-of]", ({ dataset }) => savePng(dataset.pngOf ?? "").catch(showError));
  publish({
    openExport() {
      openExport();
    },
  });
}
