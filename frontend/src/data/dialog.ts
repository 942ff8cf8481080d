/** Your data: a table is chosen, looked at by the server, and made a problem, whose link the page follows. */
import { openDialog, showStatus as say } from "../export/dialog.ts";
import { publish } from "../page/dash.ts";
import { all, element, onClick } from "../page/dom.ts";
import { type Found, listNotes, readUnits, writeAscii, writeSize } from "./words.ts";

const state = { file: null as File | null, looks: 0 };

const form = () => document.querySelector<HTMLElement>("#dialog[open] .drop"); // none while another dialog is open
const field = (name: string) => element(`data-${name}`) as HTMLInputElement | HTMLSelectElement;
const boxes = () => all<HTMLInputElement>("input", element("data-features"));

function readChoices() {
  const ticked = boxes().filter((box) => box.checked);
  return {
    target: field("target").value,
    features: ticked.length < boxes().length ? ticked.map((box) => box.value) : [],
    missing: field("missing").value,
    hidden: readUnits(field("layers").value) ?? [],
    activation: field("activation").value,
    loss: field("loss").value,
  };
}

/** Send the file with what is chosen. Throws an error with a sentence for the visitor. */
async function send(path: string, choices: object) {
  const response = await window
    .fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream", "X-Batchscape-Choices": writeAscii(choices) },
      body: state.file,
    })
    .catch(() => null);
  if (response?.ok) return response.json();
  const plain = response?.headers.get("Content-Type")?.startsWith("text/plain");
  throw new Error(response && plain ? await response.text() : "The server does not answer. Try again.");
}

function fillRows(rows: string[][]) {
  const lines = rows.map((row, number) => {
    const line = document.createElement("tr");
    for (const text of row) {
      const cell = document.createElement(number === 0 ? "th" : "td");
      cell.textContent = text;
      line.append(cell);
    }
    return line;
  });
  element("data-rows").replaceChildren(...lines);
}

function fillTargets(names: string[], chosen: string) {
  const options = names.map((name) => new Option(name, name, name === chosen, name === chosen));
  element("data-target").replaceChildren(...options);
}

function fillFeatures(names: string[]) {
  const labels = names.map((name) => {
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", value: name, checked: true });
    const label = document.createElement("label");
    label.append(box, name);
    return label;
  });
  element("data-features").replaceChildren(...labels);
}

function fillNotes(lines: string[]) {
  const items = lines.map((line) => Object.assign(document.createElement("li"), { textContent: line }));
  element("data-notes").replaceChildren(...items);
}

/** Ask what the table holds; `anew`: the columns are not known yet, or the target is another one. */
async function look(anew: boolean) {
  state.looks += 1;
  const number = state.looks;
  say("Reading …");
  element("data-use").toggleAttribute("disabled", true);
  try {
    const choices = readChoices();
    const found: Found = await send("data/look", anew ? { ...choices, features: [] } : choices);
    if (number !== state.looks) return; // another one was asked for meanwhile
    element("data-found").hidden = false;
    fillRows(found.rows);
    fillNotes(found.error ? [] : listNotes(found));
    say(found.error ?? "");
    if (anew) {
      fillTargets(found.names, found.target ?? (choices.target || (found.names.at(-1) ?? "")));
      fillFeatures(found.columns ?? []);
    }
    if (found.error) return;
    element("data-use").toggleAttribute("disabled", false);
  } catch (error) {
    if (number === state.looks) say((error as Error).message);
  }
}

function take(file: File | undefined) {
  if (!file) return;
  const most = Number(form()?.dataset.most);
  element("data-found").hidden = true;
  element("data-target").replaceChildren();
  element("data-features").replaceChildren();
  if (file.size > most) {
    state.file = null;
    say(
      `${file.name} has ${writeSize(file.size)}; at most ${writeSize(most)} are allowed. Give fewer rows or columns.`,
    );
    return;
  }
  state.file = file;
  look(true);
}

/** Follow a link as one that stands on the page. */
function follow(link: string) {
  const anchor = Object.assign(document.createElement("a"), { href: link });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

async function use() {
  if (!state.file) return;
  if (!readUnits(field("layers").value)) {
    say("Hidden layers: allowed are whole numbers with commas between, as 32, 16; none for a linear model.");
    return;
  }
  say("Making the network …");
  try {
    const { link } = await send("data/use", readChoices());
    (element("dialog") as HTMLDialogElement).close();
    follow(link);
  } catch (error) {
    say((error as Error).message);
  }
}

export function installData() {
  onClick("#data-use", use);
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    if (target.id === "data-file") take((target as HTMLInputElement).files?.[0]);
    else if (target.matches("#data-target, #data-missing")) look(true);
    else if (target.closest("#data-features")) look(false);
  });
  for (const name of ["dragover", "drop"] as const) {
    document.addEventListener(name, (event) => {
      if (!form()) return;
      event.preventDefault(); // else the browser would leave the page for the file
      if (name === "drop") take(event.dataTransfer?.files[0]);
    });
  }

  publish({
    openData() {
      state.file = null;
      openDialog("Your data", "data/form");
    },
  });
}
