/** Chips of one choice share a name, so that they are one stop for Tab and the arrow keys move among them. */
import { all, onElements } from "../page/dom.ts";

export function installRadios() {
  onElements(() => {
    for (const input of all<HTMLInputElement>("[data-part] .chips input[type=radio]:not([name])")) {
      input.name = input.closest<HTMLElement>("[data-part]")?.dataset.part ?? "";
    }
  });
}
