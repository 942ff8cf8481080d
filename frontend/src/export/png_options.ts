/** Options of PNG files and of copied images: chosen in the export dialog, and kept for later visits. */
import { all, closest } from "../page/dom.ts";

const KEPT = "batchscape-png";
const USUAL = { colours: "page", transparent: false, caption: true };

let options = USUAL;
try {
  options = { ...USUAL, ...JSON.parse(window.localStorage.getItem(KEPT) ?? "{}") };
} catch {
  options = USUAL; // storage is not allowed, or holds something else
}

export const pngOptions = () => options;

/** What a PNG will be, for its entry in a menu. */
export function describePng() {
  const { colours, transparent, caption } = options;
  const words = [
    "1920 pixels wide",
    colours === "page" ? "" : `${colours} colours`,
    transparent ? "transparent" : "",
    caption ? "with title and link" : "without title and link",
  ];
  return words.filter(Boolean).join(", ");
}

/** The colours that a theme has in place of those of the other one; none where the page shows them already. */
export function otherColours(colours: string, shown: string, maps: Record<string, Record<string, string>>) {
  return colours === "page" || colours === shown ? {} : (maps[colours] ?? {});
}

const controls = () => all<HTMLInputElement | HTMLSelectElement>("#dialog-body [data-png]");

/** Show the options in the dialog. */
export function showPngOptions() {
  for (const control of controls()) {
    const value = options[control.dataset.png as keyof typeof options];
    if (control instanceof HTMLInputElement) control.checked = Boolean(value);
    else control.value = String(value);
  }
}

export function installPngOptions() {
  document.addEventListener("change", (event) => {
    if (!closest(event, "[data-png]")) return;
    const held = controls().map((one) => [one.dataset.png, one instanceof HTMLInputElement ? one.checked : one.value]);
    options = { ...options, ...Object.fromEntries(held) };
    try {
      window.localStorage.setItem(KEPT, JSON.stringify(options));
    } catch {
      // storage is not allowed: they hold for this visit
    }
  });
}
