import { decodeEncodedWords } from "../../kit/text/encoded_words.ts";
import { isRecord } from "../../kit/values/record.ts";
import { formatValue } from "../../kit/values/format_value.ts";

/**
 * Decodes metadata beyond ASCII. S3 returns such values as encoded words: `=?UTF-8?B?R3LDvMOfZQ==?=` for `Grüße`. `stat`
 * returns metadata as the service sends it, since a program may have stored a text that only looks like an encoded word.
 *
 * Source: RFC 2047; the S3 user guide, "User-defined object metadata".
 *
 * @param metadata The metadata of a file, as `stat` returns it.
 * @returns The same names, with decoded values. Words that are malformed or of an unknown charset stay.
 * @throws {TypeError} If it is not an object of texts.
 *
 * @example
 * ```ts
 * import { decodeMetadata, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello", { metadata: { title: "=?UTF-8?B?R3LDvMOfZQ==?= =?UTF-8?Q?_aus_K=C3=B6ln?=" } });
 * const { metadata } = await storage.stat("a.txt");
 * assertEquals(decodeMetadata(metadata), { title: "Grüße aus Köln" });
 * ```
 */
export function decodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  if (!isRecord(metadata)) {
    throw new TypeError(`Cannot decode metadata: it must be an object of texts, got ${formatValue(metadata)}`);
  }
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => {
      if (typeof value === "string") return [name, decodeEncodedWords(value)];
      throw new TypeError(`Cannot decode metadata: ${name} must be a text, got ${formatValue(value)}`);
    }),
  );
}
