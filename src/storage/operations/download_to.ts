import { machine } from "../../runtime/detect.ts";
import type { BinaryFile } from "../files/binary_file.ts";

/** Where the bytes of a file go. */
export type DownloadTarget = string | URL | WritableStream<Uint8Array> | Uint8Array<ArrayBuffer>;

/** Reads an open file to its end, and returns the number of bytes. */
type Reader = (file: BinaryFile) => Promise<number>;

/**
 * Makes the function that reads a file into a file on disk, a stream or memory.
 *
 * @throws {TypeError} If the target is none of these.
 * @throws {NotSupportedError} If the target is a file on disk, and the runtime has no files.
 */
export async function readerInto(name: string, target: DownloadTarget): Promise<Reader> {
  if (target instanceof Uint8Array) return (file) => fill(file, target);
  if (target instanceof WritableStream) return (file) => pipe(file, target);
  if (typeof target === "string" || target instanceof URL) {
    const write = (await machine.load()).fileWriter(target);
    return (file) => write(file.readable);
  }
  throw new TypeError(
    `Cannot download '${name}': target must be a path, a file: URL, a WritableStream or a Uint8Array`,
  );
}

async function pipe(file: BinaryFile, target: WritableStream<Uint8Array>): Promise<number> {
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
