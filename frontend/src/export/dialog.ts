/** The dialogs: one for numbers, export, glossary and what the page is about. */
import { publish, showMessage } from "../page/dash.ts";
import { copyText, element, onClick } from "../page/dom.ts";
import { downloadFrom, requestExport } from "./files.ts";

const dialog = () => element("dialog") as HTMLDialogElement;

const READ = 10_000; // milliseconds after which what was done is said no more

let timer = 0;

/** Show a message where it is announced: beside an open dialog nothing else is. */
export function showStatus(text: string) {
  window.clearTimeout(timer);
  if (dialog().open) element("dialog-said").textContent = text;
  else showMessage(text);
}

/** Show for a while what was done; what went wrong stays. */
export function showDone(text: string) {
  showStatus(text);
  timer = window.setTimeout(showStatus, READ, "");
}

export const showError = (error: unknown) => showStatus(error instanceof Error ? error.message : String(error));

/** Open the dialog with content from a path of the server. */
export async function openDialog(title: string, path: string) {
  element("dialog-title").textContent = title;
  element("dialog-said").textContent = "Loading";
  element("dialog-body").replaceChildren();
  if (!dialog().open) dialog().showModal();
  try {
    const response = await requestExport(path);
    element("dialog-body").innerHTML = await response.text(); // from this server, every word in it escaped
    element("dialog-body").scrollTop = 0;
    showStatus("");
  } catch (error) {
    showError(error);
  }
}

/** Copy the text of an element, or else select it. */
async function copyFrom(id: string) {
  const from = element(id);
  if (await copyText(from.textContent ?? "")) {
    showDone("Copied.");
  } else {
    from.focus();
    window.getSelection()?.selectAllChildren(from);
    showDone("Selected: now copy it with Ctrl+C.");
  }
}

export function installDialog() {
  onClick("[data-copy]", ({ dataset }) => copyFrom(dataset.copy ?? ""));
  onClick("[data-get]", ({ dataset }) => downloadFrom(dataset.get ?? "").catch(showError));
  onClick("[data-close]", (button) => button.closest("dialog")?.close());
  document.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLDialogElement) target.close(); // on the backdrop
  });

  publish({
    openAbout() {
      openDialog("About Batchscape", "export/about");
    },

    openGlossary() {
      openDialog("Glossary", "export/glossary");
    },
  });
}
