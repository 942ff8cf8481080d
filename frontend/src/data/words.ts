/** What the dialog of a visitor's table reads and writes: sizes, units, and what was found. */

/** As `app/jobs/uploads.py` answers. */
export interface Found {
  rows: string[][]; // the first of the file, the names of its columns perhaps among them
  names: string[]; // of all columns, if it can be read
  error?: string;
  target?: string;
  columns?: string[]; // that inputs can come from
  classes?: string[];
  samples?: number;
  inputs?: number;
  notes?: string[];
}

/** A number of bytes as a person reads it. */
export const writeSize = (bytes: number) =>
  bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toPrecision(2)} MB`;

/** Text of ASCII letters alone, as the head of a request takes it. */
export const writeAscii = (value: unknown) =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The units of hidden layers as they were typed: null if they are none. */
export function readUnits(text: string) {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  return parts.every((part) => /^\d{1,5}$/.test(part)) ? parts.map(Number) : null;
}

/** What will be done, in lines. */
export function listNotes({ samples, inputs, classes, notes, target }: Found) {
  const kind = classes?.length ? `one of ${classes.length} classes` : "a number";
  return [`${samples} samples, ${inputs} inputs; ${target} is ${kind}.`, ...(notes ?? [])];
}
