import { NORMALIZATIONS } from "../kit/text/normalization.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkInteger } from "../kit/values/integer.ts";
import { checkOptions } from "../kit/values/options.ts";
import { checkDescription } from "../storage/checks/header_values.ts";
import { checkStorage } from "../storage/checks/check_storage.ts";
import type { Storage } from "../storage/storage.ts";
import { COLLECT_OPTIONS, type CollectOptions, type CollectSummary } from "./collect_options.ts";
import { hashedFilesOf } from "./hashed_files.ts";
import { Collection } from "./collection.ts";

/**
 * Stores static files in the storage that serves them. Lists the storage once, and stores only new and changed files, many
 * at a time. A run after an interrupted one stores only the rest.
 *
 * A storage with a manifest gets each file twice: under its name, and under its hashed name with the references of style
 * sheets and scripts rewritten to hashed names. The manifest is written last, so all files that it names exist. The hashes
 * of files that refer to each other in a circle depend on all files of the circle.
 *
 * Source: Django's collectstatic.
 *
 * @param storage The storage to collect into. A storage with a manifest also gets hashed copies and the manifest.
 * @param options The sources, and how files are stored.
 * @returns Counts, and the names that changed.
 * @throws {NotFoundError} If a file refers to a missing file; nothing is stored then.
 * @throws {AlreadyExistsError} If the source has another file under the name of a hashed copy.
 * @throws {ConfigurationError} If a folder does not exist, or the manifest cannot be read.
 * @throws {SuspiciousNameError} If storages cannot keep a file's name, such as one with a backslash.
 * @throws {IntegrityError} If a file changes while it is collected.
 * @throws {RangeError} If a number in the options is out of range, or no source has a file and the whole site would be
 * deleted.
 * @throws {TypeError} If an argument or an option has the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { collect, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/app.js`, "console.log(1);");
 * const storage = new ManifestStaticStorage(new MemoryStorage());
 *
 * const first = await collect(storage, { from: folder });
 * assertEquals([first.copied, first.postProcessed], [1, 1]);
 * const second = await collect(storage, { from: folder });
 * assertEquals([second.copied, second.unmodified, second.bytesUploaded], [0, 1, 0]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function collect(storage: Storage, options: CollectOptions): Promise<CollectSummary> {
  checkCall(storage, options);
  options.signal?.throwIfAborted();
  return await new Collection({ ...options, storage }).run();
}

/**
 * @throws {TypeError} If an argument or an option is of the wrong kind, or an option is unknown.
 * @throws {RangeError} If a number in the options is out of range.
 */
function checkCall(storage: Storage, options: CollectOptions): void {
  checkStorage(ACTION, storage);
  checkOptions(ACTION, options, COLLECT_OPTIONS);
  const { concurrency, pruneAfterSeconds, followLinks, missingReferences } = options;
  if (concurrency !== undefined) checkInteger("Cannot collect: concurrency", concurrency, 1);
  if (pruneAfterSeconds !== undefined) checkInteger("Cannot collect: pruneAfterSeconds", pruneAfterSeconds, 0);
  for (const name of ["dryRun", "clear", "delete"] as const) checkKind(name, options[name], "boolean", "true or false");
  for (const name of ["invalidate", "onProgress"] as const) checkKind(name, options[name], "function", "a function");
  checkWord("followLinks", followLinks, ["inside", "never", "anywhere"]);
  checkWord("normalization", options.normalization, NORMALIZATIONS);
  checkWord("missingReferences", missingReferences, ["error", "warn"]);
  checkPrecompress(options.precompress);
  checkPages(options.pages, storage);
}

/** What `collect` does, for messages. */
const ACTION = "collect";

function checkPrecompress(precompress: unknown): void {
  if (precompress === undefined) return;
  checkOptions(`${ACTION} with the option precompress`, precompress, ["encodings", "as"]);
  const { encodings, as = "encoding" } = precompress as { readonly encodings?: unknown; readonly as?: unknown };
  checkWord("precompress.as", as, ["encoding", "siblings"]);
  if (Array.isArray(encodings) && encodings.every((encoding) => encoding === "gzip" || encoding === "br")) return;
  throw invalidValue("precompress.encodings", 'an array such as ["br", "gzip"]', encodings);
}

function checkPages(pages: unknown, storage: Storage): void {
  if (pages === undefined) return;
  checkOptions(`${ACTION} with the option pages`, pages, ["cleanUrls", "cacheControl"]);
  const { cleanUrls, cacheControl } = pages as { readonly cleanUrls?: unknown; readonly cacheControl?: string };
  checkKind("pages.cleanUrls", cleanUrls, "boolean", "true or false");
  checkDescription(`Cannot ${ACTION}`, { cacheControl });
  if (hashedFilesOf(storage) !== undefined) return;
  throw new TypeError(`Cannot ${ACTION}: pages needs a storage with a manifest, such as S3ManifestStaticStorage`);
}

function checkKind(name: string, value: unknown, kind: string, wanted: string): void {
  if (value !== undefined && typeof value !== kind) throw invalidValue(name, wanted, value);
}

function checkWord(name: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || words.includes(value as string)) return;
  throw invalidValue(name, words.map((word) => JSON.stringify(word)).join(" or "), value);
}

function invalidValue(name: string, wanted: string, got: unknown): TypeError {
  return new TypeError(`Cannot ${ACTION}: ${name} must be ${wanted}, got ${formatValue(got)}`);
}
