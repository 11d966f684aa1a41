import { endAfter } from "../../kit/bytes/byte_reader.ts";
import { ReadFile } from "./read_file.ts";
import { checkInteger } from "../../kit/values/integer.ts";

/**
 * A file opened with mode `"rb"`. It reads bytes: the stored ones, unless the file is decompressed.
 *
 * @example
 * ```ts
 * import { type BinaryFile, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.bin", new Uint8Array([1, 2, 3]));
 * await using file: BinaryFile = await storage.open("a.bin", "rb");
 * assertEquals(await file.read(2), new Uint8Array([1, 2]));
 * ```
 */
export class BinaryFile extends ReadFile<Uint8Array<ArrayBuffer>> {
  /** The mode it was opened in. */
  override readonly mode = "rb";

  /** Reads bytes; up to the end by default. */
  override async read(length?: number): Promise<Uint8Array<ArrayBuffer>> {
    if (length === undefined) return await this.bytes();
    checkInteger("length", length, 0);
    return length === 0 ? await this.slice(0, 0) : await this.readBytesUntil(endAfter(length));
  }

  /** Reads up to and including the next `\n`. */
  override async readline(): Promise<Uint8Array<ArrayBuffer>> {
    return await this.readBytesUntil((chunk) => chunk.indexOf(0x0a) + 1 || -1);
  }
}
