import { isUtf8Type } from "../content/charset.ts";
import { suggest } from "../content/file_type.ts";
import { copiedAttributes } from "../contract/attributes.ts";
import type { ObjectCopyOptions, StorageBackend } from "../contract/backend.ts";
import type { ByteSource } from "../contract/bytes.ts";
import { preconditionFailed } from "../contract/conflicts.ts";
import { writeAll, WriteFile } from "../files/write_file.ts";

/** Copies an object by reading it and writing it again, for a backend that cannot copy. */
export async function copyByReading(
  backend: StorageBackend,
  from: string,
  to: string,
  options: ObjectCopyOptions,
): Promise<void> {
  const { ifMatch, deletesSource: _, ...writeOptions } = options;
  const { signal } = options;
  const source = await backend.read(from, { signal });
  try {
    // The stat of an opened object may lack its content encoding.
    const stat = await source.describe?.({ signal }) ?? source.stat;
    if (ifMatch !== undefined && ifMatch !== stat.etag) throw preconditionFailed(from);
    const attributes = copiedAttributes(stat, options);
    const contentEncoding = attributes.contentEncoding ?? "";
    const known = isUtf8Type(source.stat.contentType) ? "utf-8" : undefined;
    const sink = backend.write(to, {
      ...writeOptions,
      ...attributes,
      // Attributes change only on the object that was read: one that was stored meanwhile stays.
      ...(from === to && backend.capabilities.conditionalWrites ? { ifMatch: stat.etag } : {}),
      contentEncoding,
      fallbackContentType: suggest(to, known, contentEncoding).contentType,
    });
    const file = new WriteFile(to, sink, signal);
    await writeAll(file, stat.size === 0 ? [] : chunksOf(source));
  } finally {
    await source.close();
  }
}

/** Opens the source only when the file is written, so that the file is aborted if that fails. */
async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  yield* await source.open(0);
}
