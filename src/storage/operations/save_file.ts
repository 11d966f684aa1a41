import { isStorageError, NotSupportedError } from "../../errors.ts";
import { isPromise } from "../../kit/async/is_promise.ts";
import type { WaitUntil } from "../../kit/async/hold.ts";
import { onExistingOf } from "../checks/on_existing.ts";
import { nameOfContent, prepareContent, type SaveContent } from "../content/content.ts";
import { fileTypes } from "../content/lazy.ts";
import type { PreparedContent } from "../content/prepared_content.ts";
import type { ObjectWriteOptions, StorageBackend } from "../contract/backend.ts";
import { checkFileName, checkName, fitName } from "../contract/names.ts";
import type { CallOptions, OnExisting, SaveOptions, WriteOptions } from "../contract/options.ts";
import type { IdentifiedFile, SavedFile, WrittenObject } from "../contract/saved_file.ts";
import { checkDescription } from "../files/lazy.ts";
import { MAX_NAME_ATTEMPTS, type NameRules, StorageNames } from "../storage_names.ts";

/** The storage that a file is saved in. */
export interface SavingStorage extends StorageNames {
  readonly backend: StorageBackend;
  readonly waitUntil: WaitUntil | undefined;
  stat(name: string, options: CallOptions): Promise<Omit<SavedFile, "name">>;
}

/** A call of `save`. */
interface Saving {
  readonly storage: SavingStorage;
  readonly rules: NameRules;
  readonly content: PreparedContent;
  readonly onExisting: OnExisting;
  readonly maxLength: number | undefined;
  /** The type and the encoding that the content has, or that a name suggests. */
  readonly suggestionOf: (name: string) => { contentType: string; contentEncoding: string | undefined };
}

/**
 * What a write does if the name is taken.
 *
 * @throws {NotSupportedError} If the backend cannot check it in the step that stores the file.
 */
export function checkedOnExisting(
  action: string,
  options: WriteOptions,
  { backend, fileOverwrite }: { readonly backend: StorageBackend; readonly fileOverwrite: boolean },
  otherwise: OnExisting,
): OnExisting {
  const onExisting = onExistingOf(action, options, fileOverwrite, otherwise);
  const isConditional = (options.ifMatch ?? options.ifNoneMatch) !== undefined;
  if ((isConditional || onExisting !== "replace") && !backend.capabilities.conditionalWrites) {
    throw new NotSupportedError(
      `Cannot ${action}: this backend has no conditional writes (onExisting "rename" and "refuse", ifMatch, ifNoneMatch)`,
    );
  }
  return onExisting;
}

/** Stores content as `Storage.save` does, which has checked the names of the options. */
export async function saveFile(
  storage: SavingStorage,
  rules: NameRules,
  name: string | undefined,
  content: SaveContent,
  options: SaveOptions,
): Promise<string | SavedFile> {
  const { maxLength, onProgress, details, identify, deleteOnAbort: _, waitUntil: _held, ...given } = options;
  const onExisting = checkedOnExisting(`save '${name}'`, options, storage, "rename");
  const own = name ?? nameOfContent(content);
  if (own === undefined) throw new TypeError("Cannot save without a name: only a File has its own name");
  checkFileName(own);
  const clean = checkName(own);
  const preparing = prepareContent(own, content, options.signal, options.contentEncoding);
  let prepared = isPromise(preparing) ? await preparing : preparing;
  try {
    const described = prepared.described ? { ...prepared.described, ...withoutUndefined(given) } : given;
    const checking = checkDescription("save", own, described);
    if (checking !== undefined) await checking; // most saves describe nothing
    if (!choosesNames(storage)) fitName(clean, maxLength); // refused before the content is read
    // A short stream is kept, so that it can be written again if its name is taken meanwhile.
    if (onExisting === "rename" && "stream" in prepared) {
      prepared = await (await import("../content/stream_content.ts")).spoolContent(prepared);
    }
    const { type } = prepared;
    const encoding = described.contentEncoding ?? prepared.encoding ?? (prepared.described && "");
    const isTyped = (described.contentType || type) !== undefined;
    const loading = fileTypes();
    const types = isPromise(loading) ? await loading : loading;
    const examining = isTyped || encoding ? { content: prepared, known: undefined } : types.examine(clean, prepared);
    const { content: examined, known } = isPromise(examining) ? await examining : examining;
    prepared = examined;
    const suggestionOf: Saving["suggestionOf"] = (name) =>
      isTyped ? { contentType: type ?? "", contentEncoding: examined.encoding } : types.suggest(name, known, encoding);
    const saved = await saveAs({ storage, rules, content: examined, onExisting, maxLength, suggestionOf }, clean, {
      identified: identify || deletesOnAbort(options),
      ...described,
      onExisting: onExisting === "replace" ? onExisting : "refuse",
      onProgress: onProgress && (await import("./report_progress.ts")).increasingOnly(onProgress),
    });
    return details || identify ? await describeSaved(storage, saved, options) : saved.name;
  } catch (error) {
    if ("stream" in prepared) await prepared.stream[Symbol.asyncIterator]().return?.();
    throw error;
  }
}

/** A stored file, and what the backend knows of it. */
interface Saved {
  readonly name: string;
  readonly written: WrittenObject | undefined;
}

async function describeSaved(
  storage: SavingStorage,
  { name, written }: Saved,
  { signal, identify }: SaveOptions,
): Promise<SavedFile | IdentifiedFile> {
  const { etag, size, versionId } = written ?? await storage.stat(name, { signal });
  const file = { name, etag, size, versionId };
  return identify ? { ...file, replaced: written?.replaced ?? true, writeId: written?.writeId } : file;
}

/** Whether a storage chooses names by an override. */
function choosesNames(storage: SavingStorage): boolean {
  return storage.getAvailableName !== StorageNames.prototype.getAvailableName;
}

/** Writes under an available name; under another one if that name is taken meanwhile and the file may be renamed. */
async function saveAs(
  saving: Saving,
  name: string,
  options: Omit<ObjectWriteOptions, "fallbackContentType">,
): Promise<Saved> {
  const { storage, rules, content, onExisting, maxLength, suggestionOf } = saving;
  const { signal, ifMatch, ifNoneMatch } = options;
  const renames = onExisting === "rename";
  // A condition is about the file of this very name.
  const isOverridden = (ifMatch ?? ifNoneMatch) === undefined && choosesNames(storage);
  for (let attempt = 1, taken: string | undefined;; attempt++) {
    const available = renames || isOverridden
      ? await storage.getAvailableName(name, { maxLength, signal, onExisting })
      : fitName(name, maxLength); // without a promise, which would slow down small files
    if (available !== name) checkFileName(available); // an override may have chosen it
    let key = rules.keyOf(available);
    const base = isOverridden ? available : name;
    try {
      signal?.throwIfAborted();
      const suggested = suggestionOf(available);
      const written = await write(storage, key, content, {
        fallbackContentType: suggested.contentType,
        fallbackContentEncoding: suggested.contentEncoding,
        uniqueKey: renames
          ? async () => {
            const { uniqueKey } = await import("./unique_key.ts"); // most services check conditions
            return key = await uniqueKey(storage, rules, base, { maxLength, signal });
          }
          : undefined,
        ...options,
      });
      return { name: key.slice(storage.location.length), written: written ?? undefined };
    } catch (error) {
      // An override may choose the same name again and again, and each attempt sends the content. Otherwise the same name
      // was deleted and taken once more meanwhile.
      const isRepeated = available === taken &&
        (isOverridden || storage.isNameAvailable !== StorageNames.prototype.isNameAvailable);
      const mayRetry = renames && "whole" in content && attempt < MAX_NAME_ATTEMPTS && !isRepeated &&
        isStorageError(error, "AlreadyExists");
      if (!mayRetry) throw error;
      taken = available;
    }
  }
}

function write(
  { backend, location }: SavingStorage,
  key: string,
  content: PreparedContent,
  options: ObjectWriteOptions,
): Promise<WrittenObject | void> {
  if ("whole" in content) return backend.put(key, content.whole, options);
  const sink = backend.write(key, options);
  sink.failed?.addEventListener("abort", () => content.stop(sink.failed?.reason), { once: true });
  // Loaded on demand: content that is complete needs no file.
  return import("../files/write_file.ts").then(({ writeAll, WriteFile }) =>
    writeAll(new WriteFile(key.slice(location.length), sink, options.signal), content.stream)
  );
}

/** Whether an aborted write deletes the file that it has stored. */
export function deletesOnAbort({ signal, deleteOnAbort = true }: WriteOptions): boolean {
  return signal !== undefined && deleteOnAbort;
}

/** Drops options that are `undefined`, which must not hide the content's own description. */
function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
