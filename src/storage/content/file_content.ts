import type { FileStat } from "../contract/entry.ts";
import type { ContentDescription } from "./prepared_content.ts";
import type { ReadFile } from "../files/read_file.ts";

/** Rewinds a file that is about to be stored, and returns its description. Closes the file on failure. */
export async function describeFile(
  file: ReadFile<string | Uint8Array<ArrayBuffer>>,
  signal: AbortSignal | undefined,
): Promise<ContentDescription> {
  let stat: FileStat;
  try {
    await file.open();
    stat = await file.describe({ signal });
  } catch (error) {
    await file.close();
    throw error;
  }
  const { contentType, contentEncoding, cacheControl, contentDisposition, contentLanguage, metadata } = stat;
  return { contentType, contentEncoding, cacheControl, contentDisposition, contentLanguage, metadata };
}
