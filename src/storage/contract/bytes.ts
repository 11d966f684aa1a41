import type { ChunkReader } from "../../kit/bytes/chunk_reader.ts";
import type { ObjectStat } from "./entry.ts";
import type { CallOptions } from "./options.ts";
import type { WrittenObject } from "./saved_file.ts";

/**
 * An object that a backend has opened to read. Its bytes may be read more than once.
 *
 * @example
 * ```ts
 * import { BinaryFile, type ByteSource, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "12345");
 * const source: ByteSource = {
 *   stat: await storage.stat("a.txt"),
 *   open: (start) => Promise.resolve(new Blob(["12345".slice(start)]).stream()),
 *   close: () => Promise.resolve(),
 * };
 * assertEquals((await new BinaryFile("a.txt", source).read(2)).byteLength, 2);
 * ```
 */
export interface ByteSource {
  /** The object's attributes. */
  readonly stat: ObjectStat;
  /** Asks for the object's attributes, where `stat` may lack its content encoding. */
  describe?(options: CallOptions): Promise<ObjectStat>;
  /**
   * Whether the bytes are decompressed as they are read, so that they differ from the stored ones in content and number.
   * @default {false}
   */
  readonly decompressed?: boolean;
  /**
   * Whether it calls the `onProgress` of the `ranges` that it was opened with. Otherwise `Storage` counts the bytes.
   * @default {false}
   */
  readonly reportsProgress?: boolean;
  /**
   * Where reading begins and ends.
   * @default {the whole object}
   */
  readonly part?: { readonly start: number; readonly end: number };
  /**
   * Opens a stream of the bytes from `start`, which is less than the size unless they are decompressed. Several streams
   * may be read at the same time.
   *
   * @param end Where the caller stops reading; the stream may have more. The end of the object by default.
   */
  open(start: number, end?: number): Promise<ReadableStream<Uint8Array>>;
  /** As `open`, without a stream, where that is faster. */
  chunks?(start: number, end?: number): Promise<ChunkReader>;
  /** Reads all bytes in one step, where that is faster than `open` and nothing was opened before; else `undefined`. */
  bytes?(): Promise<Uint8Array<ArrayBuffer>> | undefined;
  /** Releases fetched bytes that were never read. */
  close(): Promise<void>;
}

/**
 * An object that a backend has opened to write. Calls of `write` and `close` do not overlap; `abort` may come at any time,
 * once.
 *
 * @example
 * ```ts
 * import { type ByteSink, WriteFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * let length = 0;
 * const counter: ByteSink = {
 *   write: async (chunk) => void await (length += chunk.byteLength),
 *   close: () => Promise.resolve(),
 *   abort: () => Promise.resolve(),
 * };
 * const file = new WriteFile("a.txt", counter);
 * await file.write("hello");
 * await file.close();
 * assertEquals(length, 5);
 * ```
 */
export interface ByteSink {
  /** Aborted as soon as earlier writes can no longer be published; its reason is their error. */
  readonly failed?: AbortSignal | undefined;
  /** Takes bytes. Once it resolves, or returns without a promise, the caller may reuse them. */
  write(chunk: Uint8Array): Promise<void> | void;
  /** Publishes the written bytes. Returns the stored object, or nothing if the backend does not know it. */
  close(): Promise<WrittenObject | void>;
  /** Drops the written bytes. */
  abort(reason: unknown): Promise<void>;
}
