import { NotFoundError } from "../../errors.ts";
import { concatBytes } from "../../kit/bytes/bytes.ts";
import { matchesETag } from "../../kit/text/etag.ts";
import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import { belowBaseUrl } from "../contract/base_url.ts";
import type {
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectWriteOptions,
  StoredName,
} from "../contract/backend.ts";
import type { WrittenObject } from "../contract/saved_file.ts";
import { alreadyExists, preconditionFailed } from "../contract/conflicts.ts";
import { descriptionOf } from "../contract/attributes.ts";
import type { FileStat } from "../contract/entry.ts";
import type { CallOptions, ReadOptions, UrlOptions } from "../contract/options.ts";
import type { ByteSource } from "../files/read_file.ts";
import { Storage } from "../storage.ts";
import type { ByteSink } from "../files/write_file.ts";

/**
 * The settings of a {@linkcode MemoryStorage}.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type MemoryStorageOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: MemoryStorageOptions = { location: "uploads", baseUrl: "/media/" };
 * assertEquals(await new MemoryStorage(options).url("a b.txt"), "/media/uploads/a%20b.txt");
 * ```
 */
export interface MemoryStorageOptions {
  /**
   * The folder that all names are below.
   * @default {""}
   */
  readonly location?: string | undefined;
  /**
   * Whether `save` replaces a file of the same name; if not, it finds a free name.
   * @default {true}
   */
  readonly fileOverwrite?: boolean | undefined;
  /** What `url` puts before a file's key; without it there are no URLs. */
  readonly baseUrl?: string | undefined;
  /** The clock. */
  readonly now?: (() => Date) | undefined;
}

interface StoredObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stat: Omit<FileStat, "name">;
}

/**
 * A storage that keeps its files in memory: for tests, and for trying things out.
 *
 * @example
 * ```ts
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage({ fileOverwrite: false });
 * assertEquals(await storage.save("a.txt", "first"), "a.txt");
 * const other = await storage.save("a.txt", "second"); // "a_x7Kd91Q.txt", say
 * assertEquals(await (await storage.open(other)).text(), "second");
 * ```
 */
export class MemoryStorage extends Storage {
  readonly #objects = new Map<string, StoredObject>();
  readonly #baseUrl: string | undefined;
  readonly #now: () => Date;
  #writes = 0;

  /**
   * Makes a storage with nothing in it.
   *
   * @param options Location, naming and URLs.
   */
  constructor(options: MemoryStorageOptions = {}) {
    super({ location: options.location ?? "", fileOverwrite: options.fileOverwrite ?? true });
    this.#baseUrl = options.baseUrl;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * A URL made of `baseUrl` and the file's key.
   *
   * @throws {NotSupportedError} If there is no `baseUrl`.
   */
  override url(name: string, _options: UrlOptions = {}): Promise<string> {
    return Promise.resolve().then(() => belowBaseUrl(this.#baseUrl, this.fileOf(name), "MemoryStorage"));
  }

  /** Opens an object's bytes. */
  protected override openObject(file: StoredName, options: ReadOptions): Promise<ByteSource> {
    return Promise.resolve().then(() => {
      options.signal?.throwIfAborted();
      const { bytes, stat } = this.#get(file);
      const { start = 0, end = stat.size } = options;
      return {
        stat: { ...stat, name: file.name },
        part: { start, end: Math.min(end, stat.size) },
        open: (from, to = end) => Promise.resolve(new Blob([bytes.subarray(from, to)]).stream()),
        close: () => Promise.resolve(),
      };
    });
  }

  /** Opens an object to write. */
  protected override createObject(file: StoredName, options: ObjectWriteOptions): ByteSink {
    let chunks: Uint8Array[] = [];
    return {
      write: (chunk) => Promise.resolve(void chunks.push(chunk.slice())),
      close: () => Promise.resolve().then(() => this.#put(file, concatBytes(chunks), options)),
      abort: () => Promise.resolve(void (chunks = [])),
    };
  }

  /** Stores an object. */
  protected override async putObject(
    file: StoredName,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject> {
    const bytes = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body.slice();
    return this.#put(file, bytes, options);
  }

  /** What is known of an object. */
  protected override statObject(file: StoredName, _options: CallOptions): Promise<FileStat> {
    return Promise.resolve().then(() => ({ ...this.#get(file).stat, name: file.name }));
  }

  /** Removes objects. */
  protected override deleteObjects(files: readonly StoredName[], { expected }: ObjectDeleteOptions): Promise<void> {
    for (const { key } of files) {
      const etag = this.#objects.get(key)?.stat.etag;
      if (expected !== undefined && etag !== undefined && !matchesETag(expected.etag, etag)) {
        return Promise.reject(preconditionFailed(key));
      }
      this.#objects.delete(key);
    }
    return Promise.resolve();
  }

  /** Lists objects in the order of their keys' bytes, as S3 does. */
  protected override async *listObjects(
    prefix: string,
    recursive: boolean,
    options: CallOptions,
  ): AsyncGenerator<ListedKey> {
    let folder: string | undefined;
    for (const key of [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareUtf8)) {
      options.signal?.throwIfAborted();
      const slash = recursive ? -1 : key.indexOf("/", prefix.length);
      if (slash === -1) {
        const object = this.#objects.get(key);
        if (object === undefined) continue; // removed while the caller was at work
        const { size, etag, modifiedTime } = object.stat;
        yield { kind: "file", key, size, etag, modifiedTime };
      } else if (key.slice(0, slash + 1) !== folder) {
        folder = key.slice(0, slash + 1);
        yield { kind: "directory", key: folder };
      }
    }
  }

  /** Copies an object. */
  protected override copyObject(
    from: StoredName,
    to: StoredName,
    { overwrite, ifMatch }: ObjectCopyOptions,
  ): Promise<void> {
    return Promise.resolve().then(() => {
      const { bytes, stat } = this.#get(from);
      if (ifMatch !== undefined && !matchesETag(ifMatch, stat.etag)) throw preconditionFailed(from.key);
      if (!overwrite) this.#refuseTaken(to.key);
      this.#objects.set(to.key, { bytes, stat: { ...stat, modifiedTime: this.#now() } });
    });
  }

  #get(file: StoredName): StoredObject {
    const object = this.#objects.get(file.key);
    if (object === undefined) throw new NotFoundError(`File does not exist: ${file.key}`, { key: file.key });
    return object;
  }

  #refuseTaken(key: string): void {
    if (this.#objects.has(key)) throw alreadyExists(key);
  }

  #put(file: StoredName, bytes: Uint8Array<ArrayBuffer>, options: ObjectWriteOptions): WrittenObject {
    options.signal?.throwIfAborted();
    const { ifMatch, ifNoneMatch } = options;
    const etag = this.#objects.get(file.key)?.stat.etag;
    if (
      (ifMatch !== undefined && !matchesETag(ifMatch, etag)) ||
      (ifNoneMatch !== undefined && matchesETag(ifNoneMatch, etag))
    ) throw preconditionFailed(file.key);
    if (!options.overwrite) this.#refuseTaken(file.key);
    const description = descriptionOf(options);
    const written = `"${(++this.#writes).toString(16).padStart(32, "0")}"`;
    this.#objects.set(file.key, {
      bytes,
      stat: {
        size: bytes.byteLength,
        etag: written,
        modifiedTime: this.#now(),
        ...description,
        versionId: undefined,
        storageClass: undefined,
      },
    });
    options.onProgress?.({ bytes: bytes.byteLength, parts: 1, total: bytes.byteLength });
    return { etag: written, replaced: etag !== undefined };
  }
}
