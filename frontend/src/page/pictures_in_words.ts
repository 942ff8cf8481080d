/** What is only drawn is no part of what a listener hears: beside each picture stands a sentence, and a table of its numbers. */
import { all, onElements } from "./dom.ts";

const DRAWN = ["#js-plotly-tester", ".js-plotly-plot", "[data-combobox-chevron]"];
const NEW = DRAWN.map((drawn) => `${drawn}:not([aria-hidden])`).join();

export const installPicturesInWords = () =>
  onElements(() => {
    for (const drawn of all(NEW)) drawn.setAttribute("aria-hidden", "true");
  });
