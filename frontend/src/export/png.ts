/** PNG files: their resolution. */

const HEADER = 33; // bytes of the signature and of the first chunk, after which others may come
const PHYS = [0, 0, 0, 9, 112, 72, 89, 115, 0, 0, 46, 35, 0, 0, 46, 35, 1, 120, 165, 63, 118]; // 11,811 pixels a metre

/** The file with 300 dots an inch, so that it has a size on paper. */
export const withResolution = (png: Uint8Array<ArrayBuffer>) =>
  new Blob([png.subarray(0, HEADER), new Uint8Array(PHYS), png.subarray(HEADER)], { type: "image/png" });
