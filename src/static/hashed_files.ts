import { ConfigurationError, isStorageError, NotFoundError } from "../errors.ts";
import { holding } from "../kit/async/hold.ts";
import { readLimited } from "../kit/bytes/read_limited.ts";
import { unknownName } from "../kit/text/closest.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { isRecord } from "../kit/values/record.ts";
import { checkOptions } from "../kit/values/options.ts";
import { SharedLoad } from "../runtime/shared_load.ts";
import { checkStorage, isStorage } from "../storage/checks/check_storage.ts";
import { CALL_OPTIONS } from "../storage/checks/option_names.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import { md5Hex, md5OfStream, withHash } from "./hash.ts";
import {
  emptyManifest,
  formatManifest,
  type Manifest,
  manifestTooLarge,
  type ManifestVersion,
  MAX_MANIFEST_BYTES,
  parseManifest,
} from "./manifest.ts";
import { decoded } from "./references/reference.ts";
import { saveExactly } from "./save_exactly.ts";

/**
 * How a storage keeps its manifest, and which references are rewritten when files are collected into it.
 *
 * @example
 * ```ts
 * import { type ManifestOptions, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ManifestOptions = { manifestVersion: "1.0" }; // which Django before 4.2 reads too
 * const storage = new ManifestStaticStorage(new MemoryStorage(), options);
 * assertEquals(storage.hashedFiles.options.manifestName, "staticfiles.json");
 * ```
 */
export interface ManifestOptions {
  /**
   * The manifest's name.
   * @default {"staticfiles.json"}
   */
  readonly manifestName?: string | undefined;
  /** The storage of the manifest; by default that of the files. */
  readonly manifestStorage?: Storage | undefined;
  /**
   * Whether the URL of a file that is not in the manifest is an error. If not, the stored file is read and hashed.
   * @default {true}
   */
  readonly manifestStrict?: boolean | undefined;
  /**
   * The version to write; both are read. Django before 4.2 reads only 1.0.
   * @default {"1.1"}
   */
  readonly manifestVersion?: ManifestVersion | undefined;
  /**
   * The start of absolute paths of these files in style sheets and scripts, such as `/static/`. Other absolute paths are not
   * rewritten.
   */
  readonly staticUrl?: string | undefined;
  /**
   * Whether imports in JavaScript are rewritten. Django's default is `false`, as it finds them by regular expressions.
   * @default {true}
   */
  readonly supportJsModuleImportAggregation?: boolean | undefined;
}

/**
 * Manifest options with all defaults filled in.
 *
 * @example
 * ```ts
 * import { type ResolvedManifestOptions, S3ManifestStaticStorage } from "@storages/s3/static";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new S3ManifestStaticStorage({ bucketName: "media", staticUrl: "/static" });
 * const options: ResolvedManifestOptions = storage.hashedFiles.options;
 * assertEquals([options.staticUrl, options.manifestVersion, options.manifestStrict], ["/static/", "1.1", true]);
 * ```
 */
export interface ResolvedManifestOptions {
  /** The manifest's name. */
  readonly manifestName: string;
  /** The storage of the manifest. */
  readonly manifestStorage: Storage;
  /** Whether the URL of a file that is not in the manifest is an error. */
  readonly manifestStrict: boolean;
  /** The version to write. */
  readonly manifestVersion: ManifestVersion;
  /** The start of absolute paths of these files, with a trailing slash. */
  readonly staticUrl: string | undefined;
  /** Whether imports in JavaScript are rewritten. */
  readonly supportJsModuleImportAggregation: boolean;
}

/**
 * A file's stored name, and the query and fragment that follow it in a URL.
 *
 * @example
 * ```ts
 * import { ManifestStaticStorage, type StoredPath } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new ManifestStaticStorage(new MemoryStorage(), { manifestStrict: false });
 * await storage.save("font.eot", "png\n");
 * const path: StoredPath = await storage.hashedFiles.storedPath("font.eot?#iefix");
 * assertEquals(path, { stored: "font.eab3b89c707d.eot", suffix: "?#iefix" });
 * ```
 */
export interface StoredPath {
  /** The stored name. */
  readonly stored: string;
  /** The query and the fragment of the requested name, unchanged. */
  readonly suffix: string;
}

/** The names of the options of a manifest, of which the constructors refuse all others. */
export const MANIFEST_OPTIONS = [
  "manifestName",
  "manifestStorage",
  "manifestStrict",
  "manifestVersion",
  "staticUrl",
  "supportJsModuleImportAggregation",
] as const satisfies readonly (keyof ManifestOptions)[];

/** @throws {ConfigurationError} If an option is unknown or malformed. */
function checkManifestOptions(options: ManifestOptions): void {
  const refuse = (name: keyof ManifestOptions, wanted: string): never => {
    throw new ConfigurationError(`${name} must be ${wanted}, got ${formatValue(options[name])}`);
  };
  if (!isRecord(options)) {
    throw new ConfigurationError(`The options of a manifest must be an object, got ${formatValue(options)}`);
  }
  for (const name in options) {
    if (options[name] === undefined || (MANIFEST_OPTIONS as readonly string[]).includes(name)) continue;
    throw new ConfigurationError(unknownName("option", name, MANIFEST_OPTIONS));
  }
  const { manifestName = "a", manifestStorage, manifestVersion = "1.1", staticUrl = "/" } = options;
  if (typeof manifestName !== "string" || manifestName === "") {
    refuse("manifestName", "the name of a file");
  }
  if (manifestStorage !== undefined && !isStorage(manifestStorage)) refuse("manifestStorage", "a Storage");
  if (manifestVersion !== "1.0" && manifestVersion !== "1.1") refuse("manifestVersion", '"1.0" or "1.1"');
  if (typeof staticUrl !== "string" || !/^\/([^/]|$)/.test(staticUrl)) refuse("staticUrl", 'a path such as "/static/"');
  for (const name of ["manifestStrict", "supportJsModuleImportAggregation"] as const) {
    if (typeof (options[name] ?? false) !== "boolean") refuse(name, "true or false");
  }
}

/**
 * The hashed names of a storage's files, for {@linkcode ManifestStaticStorage} and {@linkcode S3ManifestStaticStorage}. The
 * manifest is read once, when it is first needed.
 *
 * @example
 * ```ts
 * import { collect, HashedFiles, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new ManifestStaticStorage(new MemoryStorage());
 * await collect(storage, { from: [] });
 * const files: HashedFiles = storage.hashedFiles;
 * assertEquals((await files.load()).paths.size, 0);
 * ```
 */
export class HashedFiles {
  /** The options with all defaults filled in. */
  readonly options: ResolvedManifestOptions;
  readonly #storage: Storage;
  readonly #loads = new SharedLoad<Manifest>();
  #loaded: Manifest | undefined;
  /** Whether the loaded manifest is the one to use: no newer one is being read, and none could not be. */
  #isCurrent = false;

  /**
   * Checks the options, and sends no request.
   *
   * @param storage The storage of the files.
   * @param options How the manifest is kept.
   * @throws {ConfigurationError} If an option is unknown or malformed.
   */
  constructor(storage: Storage, options: ManifestOptions = {}) {
    checkStorage("create HashedFiles", storage);
    checkManifestOptions(options);
    const { manifestVersion = "1.1", staticUrl } = options;
    this.#storage = storage;
    this.options = Object.freeze({
      manifestName: options.manifestName ?? "staticfiles.json",
      manifestStorage: options.manifestStorage ?? storage,
      manifestStrict: options.manifestStrict ?? true,
      manifestVersion,
      staticUrl: staticUrl?.replace(/\/?$/, "/"),
      supportJsModuleImportAggregation: options.supportJsModuleImportAggregation ?? true,
    });
  }

  /**
   * Makes names and a manifest with the same options for another storage.
   *
   * @param storage The storage that keeps the files, and the manifest unless `manifestStorage` is another one.
   * @throws {TypeError} If the argument is not a storage.
   *
   * @example
   * ```ts
   * import { HashedFiles } from "@storages/s3/static";
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const [first, second] = [new MemoryStorage(), new MemoryStorage()];
   * const files = new HashedFiles(first, { manifestStrict: false }).withStorage(second);
   * assertEquals([files.options.manifestStorage === second, files.options.manifestStrict], [true, false]);
   * ```
   */
  withStorage(storage: Storage): HashedFiles {
    const { manifestStorage } = this.options;
    const isOwn = manifestStorage === this.#storage;
    return new HashedFiles(storage, { ...this.options, manifestStorage: isOwn ? undefined : manifestStorage });
  }

  /**
   * Reads the manifest, unless it was read before.
   *
   * @returns The manifest; one without files if none is stored.
   * @throws {ConfigurationError} If it cannot be parsed.
   * @throws {NotSupportedError} If it is larger than 64 MiB.
   */
  async load(): Promise<Manifest> {
    for (;;) {
      if (this.#isCurrent) return this.#loaded!;
      const loaded = await (this.#loads.join() ?? this.#begin());
      if (loaded !== undefined) return loaded; // else another call was to read it, and was cancelled
    }
  }

  /** Reads the manifest again: another process may have written it. */
  async reload(options: CallOptions = {}): Promise<Manifest> {
    checkOptions("reload the manifest", options, CALL_OPTIONS);
    return await this.#begin(options.signal);
  }

  #begin(signal?: AbortSignal): Promise<Manifest> {
    this.#isCurrent = false;
    return this.#loads.begin(async (isCurrent) => {
      const manifest = await holding(this.options.manifestStorage.waitUntil, () => this.#read(signal));
      if (isCurrent()) this.#use(manifest); // else a newer one was read or written
      return manifest;
    }, signal);
  }

  #use(manifest: Manifest): void {
    this.#loaded = manifest;
    this.#isCurrent = true;
  }

  /** Writes a manifest, and uses it from then on. */
  async save(manifest: Manifest, options: CallOptions = {}): Promise<void> {
    if (!(manifest?.paths instanceof Map && manifest.stale instanceof Map)) {
      throw new TypeError(`Cannot save the manifest: it must have paths and stale, got ${formatValue(manifest)}`);
    }
    checkOptions("save the manifest", options, CALL_OPTIONS);
    const { manifestName, manifestStorage, manifestVersion } = this.options;
    await saveExactly(manifestStorage, manifestName, formatManifest(manifest, manifestVersion), {
      contentType: "application/json",
      onExisting: "replace",
      deleteOnAbort: false, // the run after an aborted one continues with its stored files
      signal: options.signal,
    });
    this.#loads.forget();
    this.#use(manifest);
  }

  async #read(signal: AbortSignal | undefined): Promise<Manifest> {
    const { manifestName, manifestStorage } = this.options;
    try {
      const { readable } = await manifestStorage.open(manifestName, "rb", { signal });
      const bytes = await readLimited(readable, MAX_MANIFEST_BYTES, () => manifestTooLarge(manifestName));
      return await parseManifest(bytes, manifestName);
    } catch (error) {
      if (!isStorageError(error, "NotFound")) throw error;
      return await emptyManifest();
    }
  }

  /**
   * The name with the hash of its content: `css/base.0123456789ab.css`. A query and a fragment are kept.
   *
   * @param name The file's name.
   * @param content Its content; by default that of the stored file.
   * @throws {NotFoundError} If the file does not exist.
   */
  async hashedName(name: string, content?: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    const { path, suffix } = splitName(name);
    if (content !== undefined && !(content instanceof Uint8Array) && !(Symbol.asyncIterator in Object(content))) {
      throw new TypeError(`Cannot hash '${name}': content must be bytes or a stream, got ${formatValue(content)}`);
    }
    if (content instanceof Uint8Array) return withHash(path, await md5Hex(content)) + suffix;
    const { md5 } = await md5OfStream(content ?? await this.#stored(path));
    return withHash(path, md5) + suffix;
  }

  async #stored(name: string): Promise<AsyncIterable<Uint8Array>> {
    try {
      return (await this.#storage.open(name, "rb")).readable;
    } catch (error) {
      if (!isStorageError(error, "NotFound")) throw error;
      throw new NotFoundError(`Cannot hash '${name}': the storage has no such file`, { key: error.key, cause: error });
    }
  }

  /**
   * The name that a file is stored under.
   *
   * @param name The file's name; it may have a query and a fragment.
   * @throws {NotFoundError} If the file is not in the manifest; with `manifestStrict: false`, if the storage does not have it.
   */
  async storedName(name: string): Promise<string> {
    const { stored, suffix } = await this.storedPath(name);
    return stored + suffix;
  }

  /** Like `storedName`, but returns the query and the fragment separately. */
  async storedPath(name: string): Promise<StoredPath> {
    const { paths } = await this.load();
    const found = this.#find(name, paths);
    if ("stored" in found) return found;
    return { stored: await this.hashedName(found.path), suffix: found.suffix };
  }

  /**
   * Like `storedPath`, but synchronous.
   *
   * @throws {ConfigurationError} If the manifest is not loaded.
   */
  storedPathSync(name: string): StoredPath {
    if (this.#loaded === undefined) {
      throw new ConfigurationError(
        `Cannot find the stored name of '${name}': the manifest is not loaded. Await hashedFiles.load() first`,
      );
    }
    const found = this.#find(name, this.#loaded.paths);
    if ("stored" in found) return found;
    throw notInManifest(found.path);
  }

  #find(name: string, paths: ReadonlyMap<string, string>): StoredPath | SplitName {
    const whole = paths.get(name); // the name itself may contain "?" or "#"
    if (whole !== undefined) return { stored: whole, suffix: "" };
    const { path, suffix } = splitName(name);
    if (path === "" || path.endsWith("/")) return { stored: path, suffix }; // folders have no hash
    const stored = paths.get(path) ?? paths.get(decoded(path));
    if (stored !== undefined) return { stored, suffix };
    if (this.options.manifestStrict) throw notInManifest(path);
    return { path, suffix };
  }
}

/** A name without its query and fragment. */
interface SplitName {
  readonly path: string;
  readonly suffix: string;
}

function splitName(name: string): SplitName {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot find the stored name: name must be a string, got ${formatValue(name)}`);
  }
  const [, path, suffix] = /^([^?#]*)([^]*)$/.exec(name) as unknown as [string, string, string];
  return { path, suffix };
}

function notInManifest(name: string): NotFoundError {
  return new NotFoundError(`Missing staticfiles manifest entry for '${name}': collect the files first`, { key: name });
}

/** A file's URL with the query and the fragment of the requested name. */
export function withSuffix(url: string, suffix: string): string {
  return url + (suffix.startsWith("?") && url.includes("?") ? `&${suffix.slice(1)}` : suffix);
}

/** The `HashedFiles` of a storage with a manifest. */
export function hashedFilesOf(storage: Storage): HashedFiles | undefined {
  const { hashedFiles } = storage as { hashedFiles?: unknown };
  return hashedFiles instanceof HashedFiles ? hashedFiles : undefined;
}
