import { concatBytes } from "../../kit/bytes/bytes.ts";
import { matchesETag } from "../../kit/text/etag.ts";
import { compareUtf8, isAfter } from "../../kit/text/utf8_order.ts";
import { copiedAttributes, descriptionOf } from "../contract/attributes.ts";
import type {
  BackendCapabilities,
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectListOptions,
  ObjectReadOptions,
  ObjectWriteOptions,
  StorageBackend,
} from "../contract/backend.ts";
import { belowBaseUrl } from "../contract/base_url.ts";
import type { ByteSink, ByteSource } from "../contract/bytes.ts";
import { alreadyExists, notFound, preconditionFailed } from "../contract/conflicts.ts";
import type { ObjectStat } from "../contract/entry.ts";
import type { CallOptions, UrlOptions } from "../contract/options.ts";
import type { WrittenObject } from "../contract/saved_file.ts";

/** How a {@linkcode MemoryBackend} makes URLs and dates. */
export interface MemoryBackendOptions {
  readonly baseUrl?: string | undefined;
  readonly now?: (() => Date) | undefined;
}

interface StoredObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stat: ObjectStat;
}

/** Keeps objects in memory. */
export class MemoryBackend implements StorageBackend {
  readonly capabilities: BackendCapabilities;
  /** Created on first use: workerd has no random values while a module is loaded. */
  #id: string | undefined;
  readonly #objects = new Map<string, StoredObject>();
  readonly #baseUrl: string | undefined;
  readonly #now: () => Date;
  #writes = 0;

  constructor({ baseUrl, now = () => new Date() }: MemoryBackendOptions = {}) {
    this.capabilities = { conditionalWrites: true, serverSideCopy: true, urls: baseUrl !== undefined };
    this.#baseUrl = baseUrl;
    this.#now = now;
  }

  /** @throws {TypeError} If `now` returns anything else than a Date, such as `Date.now()`. */
  #time(): Date {
    const date = this.#now();
    if (typeof date?.getTime === "function" && !Number.isNaN(date.getTime())) return date;
    throw new TypeError(`The option now must return a valid Date, got ${date}: use () => new Date()`);
  }

  read(key: string, { signal, start = 0, end = Infinity }: ObjectReadOptions): Promise<ByteSource> {
    return Promise.resolve().then(() => {
      signal?.throwIfAborted();
      const { bytes, stat } = this.#get(key);
      return {
        stat,
        part: { start, end: Math.min(end, stat.size) },
        open: (from, to = end) => Promise.resolve(new Blob([bytes.subarray(from, to)]).stream()),
        close: () => Promise.resolve(),
      };
    });
  }

  async put(
    key: string,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject> {
    const bytes = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body.slice();
    return this.#store(key, bytes, options);
  }

  write(key: string, options: ObjectWriteOptions): ByteSink {
    let chunks: Uint8Array[] = [];
    return {
      write: (chunk) => Promise.resolve(void chunks.push(chunk.slice())),
      close: () => Promise.resolve().then(() => this.#store(key, concatBytes(chunks), options)),
      abort: () => Promise.resolve(void (chunks = [])),
    };
  }

  head(key: string, _options: CallOptions): Promise<ObjectStat> {
    return Promise.resolve().then(() => this.#get(key).stat);
  }

  delete(keys: readonly string[], { expected }: ObjectDeleteOptions): Promise<void> {
    for (const key of keys) {
      const etag = this.#objects.get(key)?.stat.etag;
      if (expected !== undefined && etag !== undefined && !matchesETag(expected.etag, etag)) {
        return Promise.reject(preconditionFailed(key));
      }
      this.#objects.delete(key);
    }
    return Promise.resolve();
  }

  /** Lists objects in the order of their keys' bytes, as S3 does. */
  async *list(prefix: string, options: ObjectListOptions): AsyncGenerator<ListedKey> {
    const { recursive, signal, startAfter } = options;
    let folder: string | undefined;
    for (const key of [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareUtf8)) {
      signal?.throwIfAborted();
      if (!isAfter(key, startAfter)) continue;
      const slash = recursive ? -1 : key.indexOf("/", prefix.length);
      if (slash === -1) {
        const object = this.#objects.get(key);
        if (object === undefined) continue; // deleted during the listing
        const { size, etag, modifiedTime } = object.stat;
        yield { kind: "file", key, size, etag, modifiedTime };
      } else if (key.slice(0, slash + 1) !== folder) {
        folder = key.slice(0, slash + 1);
        if (isAfter(folder, startAfter)) yield { kind: "directory", key: folder };
      }
    }
  }

  copy(from: string, to: string, options: ObjectCopyOptions): Promise<void> {
    const { onExisting, ifMatch } = options;
    return Promise.resolve().then(() => {
      const { bytes, stat } = this.#get(from);
      if (ifMatch !== undefined && !matchesETag(ifMatch, stat.etag)) throw preconditionFailed(from);
      if (onExisting === "refuse") this.#refuseTaken(to);
      const attributes = copiedAttributes(stat, options);
      this.#objects.set(to, { bytes, stat: { ...stat, ...attributes, modifiedTime: this.#time() } });
    });
  }

  url(key: string, options: UrlOptions): Promise<string> {
    return Promise.resolve().then(() => belowBaseUrl(this.#baseUrl, key, "MemoryStorage", options));
  }

  uri(key: string): string {
    this.#id ??= crypto.randomUUID();
    return `storage://${this.#id}/${encodeURIComponent(key)}`;
  }

  #get(key: string): StoredObject {
    const object = this.#objects.get(key);
    if (object === undefined) throw notFound(key);
    return object;
  }

  #refuseTaken(key: string): void {
    if (this.#objects.has(key)) throw alreadyExists(key);
  }

  #store(key: string, bytes: Uint8Array<ArrayBuffer>, options: ObjectWriteOptions): WrittenObject {
    options.signal?.throwIfAborted();
    const { ifMatch, ifNoneMatch } = options;
    const replaced = this.#objects.get(key)?.stat.etag;
    if (
      (ifMatch !== undefined && !matchesETag(ifMatch, replaced)) ||
      (ifNoneMatch !== undefined && matchesETag(ifNoneMatch, replaced))
    ) throw preconditionFailed(key);
    if (options.onExisting === "refuse") this.#refuseTaken(key);
    const etag = `"${(++this.#writes).toString(16).padStart(32, "0")}"`;
    this.#objects.set(key, {
      bytes,
      stat: {
        size: bytes.byteLength,
        etag,
        modifiedTime: this.#time(),
        ...descriptionOf(options),
        versionId: undefined,
        storageClass: undefined,
      },
    });
    options.onProgress?.({ bytes: bytes.byteLength, parts: 1, total: bytes.byteLength });
    return { etag, size: bytes.byteLength, replaced: replaced !== undefined };
  }
}
