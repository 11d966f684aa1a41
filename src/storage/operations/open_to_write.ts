import type { ObjectWriteOptions } from "../contract/backend.ts";
import type { ByteSink } from "../contract/bytes.ts";
import { checkFileName } from "../contract/names.ts";
import type { WriteOptions } from "../contract/options.ts";
import { heldSink } from "../files/held_sink.ts";
import { checkDescription } from "../files/lazy.ts";
import { WriteFile } from "../files/write_file.ts";
import type { NameRules } from "../storage_names.ts";
import { examinedSink } from "./examined_sink.ts";
import { checkedOnExisting, deletesOnAbort, type SavingStorage } from "./save_file.ts";

/** Opens a file as `Storage.open` does to write. */
export async function openToWrite(
  storage: SavingStorage,
  { keyOf }: NameRules,
  name: string,
  options: WriteOptions,
): Promise<WriteFile> {
  await checkDescription("open", name, options);
  checkFileName(name);
  const wanted = checkedOnExisting(`open '${name}'`, options, storage, "refuse");
  const { signal, deleteOnAbort: _, waitUntil: _held, ...writeOptions } = options;
  const chosen = wanted === "rename" ? await storage.getAvailableName(name, { signal, onExisting: wanted }) : name;
  const key = keyOf(chosen);
  const write = (fallback: Pick<ObjectWriteOptions, "fallbackContentType" | "fallbackContentEncoding">): ByteSink =>
    storage.backend.write(key, {
      ...writeOptions,
      signal,
      onExisting: wanted === "replace" ? wanted : "refuse",
      identified: deletesOnAbort(options),
      ...fallback,
    });
  const { contentType, contentEncoding } = options;
  const opened = (): ByteSink =>
    contentType ? write({ fallbackContentType: contentType }) : examinedSink(chosen, contentEncoding, write);
  const { waitUntil = storage.waitUntil } = options;
  const open = waitUntil === undefined ? opened : () => heldSink(waitUntil, opened);
  return new WriteFile(key.slice(storage.location.length), open(), signal, open);
}
