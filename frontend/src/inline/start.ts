/**
 * Loads the page again when a part of it did not load completely: its own HTML, or a script. It stands in the page itself,
 * before everything else, and shows what it does in #connection.
 *
 * It first waits until the page can be loaded completely: while the server is away, the browser would show an error page of
 * its own, which does nothing by itself. Pauses grow, over reloads too. What Dash asks for when it starts is
 * `requests/fetch.ts`'s.
 */
const LOADS = "batchscape-loads"; // failed ones, one after the other
const FIRST_PAUSE = 2000; // milliseconds
const LONGEST_PAUSE = 60_000;
const SILENCE = 60_000; // milliseconds in which nothing more has come
const LAST_SCRIPT = 'id="_dash-renderer"';

const broken = new Set<string>(); // addresses of scripts
let failed = false;
let started = false;

/** Change the count of failed loads, or set it to 0 by a change below 0, and return it. */
function countLoads(change = 0) {
  try {
    const count = change < 0 ? 0 : Number(window.sessionStorage.getItem(LOADS) ?? 0) + change;
    window.sessionStorage.setItem(LOADS, String(count));
    return count;
  } catch {
    return change; // storage is not allowed
  }
}

function showText(text: string) {
  let place = document.getElementById("connection");
  if (!place) {
    place = document.createElement("p"); // the page broke off before it
    place.id = "connection";
    place.setAttribute("role", "status");
    (document.body ?? document.documentElement).append(place);
  }
  place.textContent = text;
}

/** Whether the page loads completely, and each script that did not; the browser may have kept half of one as if whole. */
async function isWhole() {
  try {
    const response = await window.fetch(window.location.href, { cache: "no-store" });
    const scripts = await Promise.all([...broken].map((script) => window.fetch(script, { cache: "reload" })));
    await Promise.all(scripts.map((script) => script.blob()));
    return response.ok && scripts.every(({ ok }) => ok) && (await response.text()).includes(LAST_SCRIPT);
  } catch {
    return false;
  }
}

/** Load the page again; `script` is the address of one that did not load completely. */
async function loadAgain(script?: string) {
  if (script) broken.add(script);
  if (failed || started) return;
  failed = true;
  do {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** countLoads()) * (1 + Math.random() / 2);
    countLoads(1);
    showText(`The page did not load completely. It loads again in ${Math.ceil(pause / 1000)} seconds.`);
    await new Promise((done) => window.setTimeout(done, pause));
  } while (!(await isWhole()));
  window.location.reload();
}

/** A script did not load, or broke off. */
function handleError(event: Event) {
  if (event.target instanceof HTMLScriptElement) {
    loadAgain(event.target.src);
  } else if (event instanceof ErrorEvent && event.error && event.filename.startsWith(window.location.origin)) {
    loadAgain(event.filename);
  }
}
window.addEventListener("error", handleError, true);

// the page itself broke off
document.addEventListener("DOMContentLoaded", () => {
  if (!document.getElementById("_dash-renderer")) loadAgain();
});

let seen = 0;
let since = Date.now();
const watch = window.setInterval(() => {
  if (document.querySelector("#react-entry-point .page")) {
    started = true;
    countLoads(-1);
    window.clearInterval(watch);
    return;
  }
  const { length } = performance.getEntriesByType("resource");
  const waits = Boolean(document.getElementById("connection")?.textContent); // says already what is the matter
  if (length !== seen || waits) {
    seen = length;
    since = Date.now();
  } else if (Date.now() - since > SILENCE) {
    loadAgain();
  }
}, 500);
