import { crc32, deflateSync } from "node:zlib";

/** Creates a square PNG of one colour. Source: PNG specification, third edition. */
export function plainPng(size: number, rgb: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, size);
  view.setUint32(4, size);
  header.set([8, 2], 8); // bits a sample, and red, green and blue of them
  const row = [0, ...Array.from({ length: size }, () => [rgb >> 16, rgb >> 8 & 255, rgb & 255]).flat()];
  const rows = Uint8Array.from(Array.from({ length: size }, () => row).flat());
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const chunks = [signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", new Uint8Array())];
  return Uint8Array.from(chunks.flatMap((bytes) => [...bytes]));
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}
