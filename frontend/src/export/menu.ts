/** The export menu in the head of every panel. */
import { all, closest, graphOf } from "../page/dom.ts";
import { openDialog, showError } from "./dialog.ts";
import { downloadFrom } from "./files.ts";
import { copyPng, describePdf, describeSvg, savePng, saveSvg, textOf } from "./pictures.ts";
import { describePng } from "./png_options.ts";

const MENU = "export-menu";
const GAP = { button: 4, edge: 8 }; // pixels

interface Entry {
  label: string;
  note: (graph: Graph | null) => string;
  needsPicture?: boolean;
  run: (panel: string, name: string) => unknown; // with the panel's id, and its name in addresses
}

const TABLES: Record<string, string> = {
  plane: "values over the plane",
  curves: "lines and points",
  arrows: "where they begin, and components",
};

const PICTURES: Record<string, Entry> = {
  png: { label: "PNG", note: describePng, needsPicture: true, run: savePng },
  copy: { label: "Copy image", note: () => "the PNG, to paste", needsPicture: true, run: copyPng },
  svg: { label: "SVG", note: describeSvg, needsPicture: true, run: saveSvg },
};

const PRINTED: Record<string, Entry> = {
  pdf: { label: "PDF (vector)", note: describePdf, run: (_, name) => downloadFrom(`export/print/${name}.pdf`) },
};

const NUMBERS: Record<string, Entry> = {
  table: {
    label: "Numbers",
    note: () => "as a table, to be read here",
    run: (panel, name) => openDialog(`Numbers: ${textOf(`${panel}-title`)}`, `export/table/${name}`),
  },
};

/** An entry a table: each is a file of its own. */
function csvEntries(graph: Graph | null): Record<string, Entry> {
  const tables: string[] = graph?.layout?.meta?.tables ?? [];
  if (tables.length < 2) return { csv: csvEntry("CSV", "data at full precision", "") };
  return Object.fromEntries(
    tables.map((table) => [`csv-${table}`, csvEntry(`CSV: ${table}`, TABLES[table] ?? "", `/${table}`)]),
  );
}

const csvEntry = (label: string, note: string, table: string): Entry => ({
  label,
  note: () => note,
  run: (_, name) => downloadFrom(`export/numbers/${name}${table}`),
});

let entries: Record<string, Entry> = {}; // of the open menu
let opener: HTMLElement | null = null;

const menu = () => document.getElementById(MENU) as HTMLElement;
const menuItems = () => all("[role=menuitem]", menu());

function closeMenu(returnFocus: boolean) {
  if (!opener) return; // nothing is open, and before Dash has drawn the page there is no menu
  opener.setAttribute("aria-expanded", "false");
  if (returnFocus) opener.focus();
  opener = null;
  menu().classList.remove("open");
  menu().replaceChildren();
}

function span(text: string, className = "") {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

function menuItem(name: string, label: string, note: string) {
  const item = document.createElement("button");
  item.type = "button";
  item.setAttribute("role", "menuitem");
  item.tabIndex = -1;
  item.dataset.does = name;
  item.append(span(label), " ", span(note, "where"));
  return item;
}

function openMenu(button: HTMLElement) {
  const graph = graphOf(button.dataset.take ?? "");
  closeMenu(false);
  const prints = button.dataset.prints !== undefined;
  entries = { ...PICTURES, ...(prints && PRINTED), ...csvEntries(graph), ...NUMBERS };
  for (const [name, { label, note, needsPicture }] of Object.entries(entries)) {
    if (!needsPicture || graph?.data?.length) menu().append(menuItem(name, label, note(graph)));
  }
  menu().classList.add("open");
  opener = button;
  button.setAttribute("aria-expanded", "true");
  const from = button.getBoundingClientRect();
  const own = menu().getBoundingClientRect();
  const below = from.bottom + GAP.button + own.height <= window.innerHeight;
  const left = Math.max(GAP.edge, Math.min(from.right - own.width, window.innerWidth - own.width - GAP.edge));
  const top = below ? from.bottom + GAP.button : Math.max(GAP.edge, from.top - own.height - GAP.button);
  menu().style.left = `${left}px`;
  menu().style.top = `${top}px`;
  menuItems()[0].focus();
}

async function runItem(item: HTMLElement) {
  const { take: panel = "", panel: name = "" } = opener?.dataset ?? {};
  closeMenu(true);
  try {
    await entries[item.dataset.does ?? ""].run(panel, name);
  } catch (error) {
    showError(error);
  }
}

function handleKey(event: KeyboardEvent) {
  if (!opener || !menu().contains(event.target as Node)) return;
  event.stopPropagation(); // no key of the page is meant here
  const items = menuItems();
  const at = items.indexOf(document.activeElement as HTMLElement);
  const last = items.length - 1;
  const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key];
  if (to !== undefined) items[to].focus();
  if (event.key === "Escape" || event.key === "Tab") closeMenu(true);
  if (to !== undefined || event.key === "Escape") event.preventDefault();
}

function handleClick(event: MouseEvent) {
  const button = closest(event, "[data-take]");
  const item = closest(event, `#${MENU} [role=menuitem]`);
  if (button && button !== opener) {
    openMenu(button);
  } else if (item) {
    runItem(item);
  } else {
    closeMenu(button !== null);
  }
}

export function installMenu() {
  document.addEventListener("click", handleClick);
  document.addEventListener("keydown", handleKey, true);
  for (const kind of ["resize", "scroll"]) {
    window.addEventListener(kind, () => closeMenu(false), { capture: true, passive: true });
  }
}
