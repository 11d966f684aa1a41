import type { EndFinder } from "../../kit/bytes/byte_reader.ts";
import { checkInteger } from "../../kit/values/integer.ts";
import { ReadFile } from "./read_file.ts";

/**
 * A file opened with mode `"r"`. It reads text as UTF-8 with universal newlines: `\r\n` and `\r` are read as `\n`. A byte
 * order mark is kept.
 *
 * `position`, `seek` and `slice` count bytes, and `readable` and `for await` deliver bytes, as bodies need them.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type TextFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "héllo\r\nworld");
 * await using file: TextFile = await storage.open("a.txt");
 * assertEquals(await file.read(6), "héllo\n");
 * assertEquals(await file.text(), "world");
 * ```
 */
export class TextFile extends ReadFile<string> {
  /** The mode it was opened in. */
  override readonly mode = "r";

  /** Reads characters; up to the end by default. `\r\n` counts as one. */
  override async read(length?: number): Promise<string> {
    if (length === undefined) return await this.text();
    checkInteger("length", length, 0);
    return length === 0 ? this.decode(await this.slice(0, 0)) : await this.#readUntil(endOfCharacters(length));
  }

  /** Reads up to and including the next line end: `\n`, `\r\n` or `\r`, which are read as `\n`. */
  override async readline(): Promise<string> {
    return await this.#readUntil(endOfLine());
  }

  /** The text from the position to the end, with universal newlines. */
  override async text(): Promise<string> {
    return universalNewlines(await super.text());
  }

  async #readUntil(findEnd: EndFinder): Promise<string> {
    return universalNewlines(this.decode(await this.readBytesUntil(findEnd)));
  }
}

/** Finds the end of a line. After a `\r` the next byte decides where that is. */
function endOfLine(): EndFinder {
  let afterReturn = false;
  return (chunk) => {
    if (afterReturn) return chunk[0] === 0x0a ? 1 : 0;
    for (let i = 0; i < chunk.byteLength; i++) {
      if (chunk[i] === 0x0a) return i + 1;
      if (chunk[i] !== 0x0d) continue;
      if (i + 1 < chunk.byteLength) return chunk[i + 1] === 0x0a ? i + 2 : i + 1;
      afterReturn = true;
    }
    return -1;
  };
}

/** Finds the end of a number of UTF-8 characters, in bytes. A `\r\n` counts as one. */
function endOfCharacters(count: number): EndFinder {
  let missing = count;
  let continuationBytes = 0;
  let afterReturn = false;
  return (chunk) => {
    for (let i = 0; i < chunk.byteLength; i++) {
      const byte = chunk[i]!;
      if (continuationBytes > 0) {
        if (--continuationBytes > 0) continue;
      } else if (afterReturn && byte === 0x0a) {
        afterReturn = false;
        if (missing === 0) return i + 1;
        continue;
      } else {
        if (missing === 0) return i;
        continuationBytes = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
        if (continuationBytes > 0) continue;
      }
      missing--;
      afterReturn = byte === 0x0d;
      if (missing === 0 && !afterReturn) return i + 1;
    }
    return -1;
  };
}

function universalNewlines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
