/** Figures in other colours. */

const LONGEST = 200; // a list of more is of numbers, not of colours

/** A figure with its colours exchanged; arrays of numbers stay as they are. */
export function recolour(value: any, colours: Record<string, string>): any {
  if (typeof value === "string") return colours[value] || value;
  if (Array.isArray(value)) return value.length < LONGEST ? value.map((one) => recolour(one, colours)) : value;
  if (!value || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, recolour(one, colours)]));
}
