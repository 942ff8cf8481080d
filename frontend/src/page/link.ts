/** Links: the server's part, and the parameters that the browser alone reads. */

export type OwnParameters = { camera: string; profile: string; hide: string };

/** A whole link, "" or "?…": `v` stands last, and empty parameters are left out. */
export function joinLink(link: string, own: OwnParameters) {
  const parameters = new URLSearchParams(link);
  const version = parameters.get("v");
  parameters.delete("v");
  for (const [name, value] of Object.entries(own)) {
    if (value) parameters.set(name, value);
  }
  if (version || [...parameters].length > 0) parameters.set("v", version || "1");
  const text = parameters.toString().replaceAll("%2C", ",");
  return text && `?${text}`;
}

/** Parts of the page that had another name in older links. */
const RENAMED: Record<string, string> = { chances: "counts" };

/** The names of controls and views that a link hides; `hide` has commas between them. */
export const splitNames = (hide: string) => hide.split(",").map((name) => RENAMED[name] ?? name);

/** The style sheet that hides them. */
export function hidingRules(hide: string) {
  const names = splitNames(hide).filter((name) => /^[a-z0-9_]+$/.test(name));
  const selectors = (name: string) => [
    `#${name}`,
    `[data-part="${name}"]`,
    `.mantine-InputWrapper-root:has(#${name})`,
    `.group:has(#${name}):not(:has([data-part]))`, // a group of this control alone
    `#view .mantine-SegmentedControl-control:has(input[value="${name}"])`,
  ];
  return names.map((name) => `${selectors(name).join(", ")} { display: none; }`).join("\n");
}

const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What stands before a cited link: the public address, or the version with which anyone can open it. */
export const citedBefore = () => document.getElementById("printed")?.dataset.place ?? "";

const isPublic = () => citedBefore().startsWith("http");

/** A link to send to somebody else. */
export const sharedLink = (link: string) => (isPublic() ? citedBefore() + link : window.location.href);

/** Who can open that. */
export const linkReach = () => (!isPublic() && LOCAL.test(window.location.hostname) ? "here" : "everyone");
