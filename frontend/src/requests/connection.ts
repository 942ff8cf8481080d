/** Trouble between the page and its server, shown in #connection, which is there before Dash is. */

const troubles = new Map<object, string>(); // by request, in the order in which they began

function showLatest() {
  const place = document.getElementById("connection");
  if (place) place.textContent = [...troubles.values()].at(-1) ?? "";
}

export function reportTrouble(request: object, text: string) {
  troubles.set(request, text);
  showLatest();
}

export function clearTrouble(request: object) {
  if (troubles.delete(request)) showLatest();
}
