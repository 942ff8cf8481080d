/** PNG files are cut where they may be: each chunk has its length and its checksum. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { withResolution } from "../src/export/png.ts";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

function chunk(name: string, data: Uint8Array) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

test("a picture has 300 dots an inch and stays a PNG", async () => {
  const header = Buffer.from("00000001000000010800000000", "hex"); // one grey pixel
  const given = [
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from([0, 128]))),
    chunk("IEND", Buffer.alloc(0)),
  ];
  const blob = withResolution(new Uint8Array(Buffer.concat([SIGNATURE, ...given])));
  assert.equal(blob.type, "image/png");
  const file = Buffer.from(await blob.arrayBuffer());
  const phys = file.subarray(33, 54);
  assert.deepEqual(phys, chunk("pHYs", phys.subarray(8, 17)));
  const inch = 0.0254;
  assert.deepEqual(
    [0, 4].map((at) => Math.round(phys.readUInt32BE(8 + at) * inch)),
    [300, 300],
  );
  assert.equal(phys[16], 1); // per metre
  assert.deepEqual(Buffer.concat([file.subarray(0, 33), file.subarray(54)]), Buffer.concat([SIGNATURE, ...given]));
});
