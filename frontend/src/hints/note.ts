/** A note under what was pressed, for a moment: that it has worked is said where one looks. */
const SHOWN = 4000; // milliseconds
const GAP = 8; // pixels

const note = document.createElement("p");
let timer = 0;

export function showNote(under: HTMLElement, words: string) {
  window.clearTimeout(timer);
  if (!note.isConnected) document.body.append(note);
  note.showPopover();
  note.textContent = words; // once it is there, so that it is read out
  const box = under.getBoundingClientRect();
  note.style.left = `${Math.max(GAP, Math.min(box.left, window.innerWidth - note.offsetWidth - GAP))}px`;
  note.style.top = `${box.bottom + GAP}px`;
  timer = window.setTimeout(() => note.hidePopover(), SHOWN);
}

export function installNote() {
  note.className = "tip brief";
  note.setAttribute("role", "status");
  note.popover = "manual";
}
