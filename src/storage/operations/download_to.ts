import { saveFile } from "../../runtime/files/save_file.ts";
import type { BinaryFile } from "../files/binary_file.ts";

/** Reads a file to its end into a file on disk, a stream or memory. Returns the number of bytes. */
export async function readInto(
  file: BinaryFile,
  target: string | URL | WritableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
): Promise<number> {
  if (target instanceof Uint8Array) return await fill(file, target);
  if (typeof target === "string" || target instanceof URL) return await saveFile(target, file.readable);
  if (!(target instanceof WritableStream)) {
    throw new TypeError(
      `Cannot download '${file.name}': target must be a path, a file: URL, a WritableStream or a Uint8Array`,
    );
  }
  let length = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller): void {
      length += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  await file.readable.pipeThrough(counting).pipeTo(target);
  return length;
}

async function fill(file: BinaryFile, buffer: Uint8Array): Promise<number> {
  const tooShort = (length: string): RangeError =>
    new RangeError(`Cannot download '${file.name}' into ${buffer.byteLength} bytes: the file has ${length}`);
  if (!file.decompressed && file.size > buffer.byteLength) throw tooShort(String(file.size));
  let length = 0;
  for await (const chunk of file.readable) {
    if (length + chunk.byteLength > buffer.byteLength) throw tooShort("more");
    buffer.set(chunk, length);
    length += chunk.byteLength;
  }
  return length;
}
