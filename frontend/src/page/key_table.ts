/** Keys as `app/page/shortcuts.py` lists them: which entry a key press means, and what some of them step through. */

export interface KeyEntry {
  keys: string[]; // such as "Control+z", "Shift+Enter" or "g"
  action: string; // a name in `keys.ts`
  moves: Record<string, string[]>; // controls that it changes, each with the views that show it
}

export type Press = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey">;

/** The name of a press. Shift counts for named keys, the space and letters; "?" is "?" however it is typed. */
export function nameOf({ key, ctrlKey, metaKey, shiftKey }: Press) {
  const shifts = key.length > 1 || key === " " || /[A-Z]/.test(key);
  return (ctrlKey || metaKey ? "Control+" : "") + (shiftKey && shifts ? "Shift+" : "") + key;
}

/** The entry of a press. `singleKeys`: whether single characters count; speech input needs them switched off. */
export function findEntry(entries: KeyEntry[], press: Press, singleKeys: boolean) {
  const single = press.key.length === 1 && !press.ctrlKey && !press.metaKey;
  return single && !singleKeys ? undefined : entries.find(({ keys }) => keys.includes(nameOf(press)));
}

/** The batch sizes that keys step through: 1, 2, 5, 10 and so on up to half of the samples, all but one, and all. */
function listBatchSizes(samples: number) {
  const decades = Array.from({ length: Math.ceil(Math.log10(samples)) }, (_, power) => 10 ** power);
  const round = decades.flatMap((ten) => [ten, 2 * ten, 5 * ten]).filter((size) => size < samples / 2);
  return [...new Set([...round, samples - 1, samples])].filter((size) => size > 0);
}

/** The next larger or smaller batch size of those that keys step through. */
export function nextBatchSize(now: number, by: 1 | -1, samples: number) {
  const sizes = listBatchSizes(samples);
  return by > 0 ? sizes.find((size) => size > now) : sizes.findLast((size) => size < now);
}

/** The one that follows some value, or goes before it, in a circle. */
export const cycle = <T>(values: T[], now: T, by: number) =>
  values[(values.indexOf(now) + by + values.length) % values.length];
