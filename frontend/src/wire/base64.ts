/** Arrays as the server sends them: their bytes in base 64. */

export const decodeBytes = (text: string) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

/** An array of a figure: packed by plotly.py as 32-bit floats, or a list. */
export const decodeFloats = (array: { bdata: string } | number[] | null | undefined) =>
  array && "bdata" in array ? new Float32Array(decodeBytes(array.bdata).buffer) : Float32Array.from(array ?? []);
