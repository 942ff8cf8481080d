/** Sets the colours of the last visit before the page's own scripts can. It stands right after the first picture. */
let chosen: string | null = null;
try {
  chosen = JSON.parse(window.localStorage.getItem("theme") ?? "null");
} catch {
  chosen = null; // storage is not allowed, or holds something else
}
const dark = chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.mantineColorScheme = dark ? "dark" : "light";
if (chosen) {
  for (const source of document.querySelectorAll<HTMLSourceElement>(".first source")) {
    source.media = dark ? "all" : "not all";
  }
}
