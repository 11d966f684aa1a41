import type { FileStat } from "../contract/entry.ts";
import type { PreparedContent } from "./prepared_content.ts";
import { isUtf8Type } from "./charset.ts";
import type { ReadFile } from "../files/read_file.ts";

/**
 * Rewinds a file that is about to be stored, and returns its description. Closes the file on failure.
 *
 * A type that a name suggests is no part of the description, but the charset of the bytes is known.
 */
export async function describeFile(
  file: ReadFile<string | Uint8Array<ArrayBuffer>>,
  signal: AbortSignal | undefined,
): Promise<Pick<PreparedContent, "described" | "isUtf8">> {
  let stat: FileStat;
  try {
    await file.open();
    stat = await file.describe({ signal });
  } catch (error) {
    await file.close();
    throw error;
  }
  const { contentType, contentEncoding, cacheControl, contentDisposition, contentLanguage, metadata } = stat;
  const described = { contentType, contentEncoding, cacheControl, contentDisposition, contentLanguage, metadata };
  return { described, isUtf8: contentType === undefined && isUtf8Type(file.stat.contentType) };
}
