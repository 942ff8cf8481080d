/** Files to download: made here, or by the server from the link of what is shown. */
import { citedLink, currentLink } from "../page/address.ts";
import { citedBefore } from "../page/link.ts";
import { showDone } from "./dialog.ts";

const KEPT = 60_000; // milliseconds for which a made file can be fetched

/** Where others find what is shown, in captions: with seeds and batch size. */
export const citedPlace = () => citedBefore() + citedLink();

export function saveFile(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
  showDone(`Downloaded: ${name}`);
}

/** Ask the server for something made from what is shown. Throws an error with a sentence for the visitor. */
export async function requestExport(path: string) {
  const response = await window.fetch(path + currentLink());
  if (response.ok) return response;
  const plain = response.headers.get("Content-Type")?.startsWith("text/plain");
  throw new Error(plain ? await response.text() : "The server does not answer. Try again.");
}

export async function downloadFrom(path: string) {
  const response = await requestExport(path);
  const named = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") || "");
  saveFile(await response.blob(), named ? named[1] : "batchscape");
}
