import type {
  BackendCapabilities,
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectListOptions,
  ObjectReadOptions,
  ObjectWriteOptions,
  StorageBackend,
} from "./backend.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";
import type { ObjectStat } from "./entry.ts";
import type { CallOptions, UrlOptions } from "./options.ts";
import type { WrittenObject } from "./saved_file.ts";

/**
 * A backend that wraps another one and forwards every call. Extend it, and override the methods to change or to observe.
 *
 * `copyFrom` is not forwarded, as the wrapped backend would not know changed keys: copies from other storages pass through
 * `put` and `write`, unless the wrapper implements it.
 *
 * @example
 * ```ts
 * import { BackendWrapper, MemoryStorage, NotSupportedError, Storage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * class KeptBackend extends BackendWrapper {
 *   override delete(keys: readonly string[]): Promise<void> {
 *     return Promise.reject(new NotSupportedError(`Cannot delete '${keys[0]}': this storage keeps its files`));
 *   }
 * }
 *
 * const storage = new Storage(new KeptBackend(new MemoryStorage().backend));
 * await storage.save("a.txt", "hello");
 * await assertRejects(() => storage.delete("a.txt"), NotSupportedError);
 * ```
 */
export class BackendWrapper implements StorageBackend {
  /** The wrapped backend. */
  protected readonly inner: StorageBackend;

  /**
   * Wraps a backend.
   *
   * @param inner The backend that calls are forwarded to.
   */
  constructor(inner: StorageBackend) {
    this.inner = inner;
  }

  /** What the wrapped backend can do. */
  get capabilities(): BackendCapabilities {
    return this.inner.capabilities;
  }

  /** Opens an object to read. */
  read(key: string, options: ObjectReadOptions): Promise<ByteSource> {
    return this.inner.read(key, options);
  }

  /** Stores an object whose bytes are complete. */
  put(key: string, body: Uint8Array<ArrayBuffer> | Blob, options: ObjectWriteOptions): Promise<WrittenObject | void> {
    return this.inner.put(key, body, options);
  }

  /** Opens an object to write as a stream. */
  write(key: string, options: ObjectWriteOptions): ByteSink {
    return this.inner.write(key, options);
  }

  /** Reads an object's attributes. */
  head(key: string, options: CallOptions): Promise<ObjectStat> {
    return this.inner.head(key, options);
  }

  /** Deletes objects. */
  delete(keys: readonly string[], options: ObjectDeleteOptions): Promise<void> {
    return this.inner.delete(keys, options);
  }

  /** Lists objects. */
  list(prefix: string, options: ObjectListOptions): AsyncIterable<ListedKey> {
    return this.inner.list(prefix, options);
  }

  /** Copies an object. */
  copy(from: string, to: string, options: ObjectCopyOptions): Promise<void> {
    return this.inner.copy(from, to, options);
  }

  /** Makes a URL to an object. */
  url(key: string, options: UrlOptions): Promise<string> {
    return this.inner.url(key, options);
  }

  /** Identifies the object of a key. */
  uri(key: string): string {
    return this.inner.uri(key);
  }
}
