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

const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 149, 150];

/** The next larger or smaller batch size of those that keys step through. */
export const nextBatchSize = (now: number, by: 1 | -1) =>
  by > 0 ? BATCH_SIZES.find((size) => size > now) : BATCH_SIZES.findLast((size) => size < now);

/** The one that follows some value, or goes before it, in a circle. */
export const cycle = <T>(values: T[], now: T, by: number) =>
  values[(values.indexOf(now) + by + values.length) % values.length];
