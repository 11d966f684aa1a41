import { onAbort } from "../../kit/async/on_abort.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import type { FileStat } from "../contract/entry.ts";
import type { ReadFile } from "../files/read_file.ts";
import { isUtf8Type } from "./charset.ts";
import type { PreparedContent } from "./prepared_content.ts";
import { contentStream } from "./stream_content.ts";

/** Files up to this size are read into memory, and stored without a stream. */
const SMALL_BYTES = 256 * 1024;

type AnyReadFile = ReadFile<string | Bytes>;

/** The content of a file that is about to be stored. */
export async function fileContent(file: AnyReadFile, signal: AbortSignal | undefined): Promise<PreparedContent> {
  const described = await describeFile(file, signal);
  // The size of a file that is decompressed is not that of its content.
  if (file.decompressed || file.size > SMALL_BYTES) return { ...contentStream(file.readable, signal), ...described };
  return { whole: await bytesOf(file, signal), ...described };
}

/** Reads the rest of a file, and closes it. An abort ends a read whose source is stalled. */
async function bytesOf(file: AnyReadFile, signal: AbortSignal | undefined): Promise<Bytes> {
  const unlink = signal && onAbort(signal, () => void file.close());
  try {
    return await file.bytes();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    unlink?.();
    await file.close();
  }
}

/**
 * Rewinds a file that is about to be stored, and returns its description. Closes the file on failure.
 *
 * A type that a name suggests is no part of the description, but the charset of the bytes is known.
 */
async function describeFile(
  file: AnyReadFile,
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
