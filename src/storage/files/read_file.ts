import { asBytes } from "../../kit/bytes/bytes.ts";
import { ByteReader, endAfter } from "../../kit/bytes/byte_reader.ts";
import type { ChunkReader } from "../../kit/bytes/chunk_reader.ts";
import type { ByteSource } from "../contract/bytes.ts";
import type { FileStat } from "../contract/entry.ts";
import type { CallOptions } from "../contract/options.ts";
import { checkInteger } from "../../kit/values/integer.ts";

/** Django's messages. */
const NOT_WRITTEN = "File was not opened in write mode.";
export const NOT_READ = "File was not opened in read mode.";
export const NEW_MODE = "Cannot reopen file with a new mode.";

/**
 * A file opened for reading: see {@linkcode BinaryFile} and {@linkcode TextFile}.
 *
 * All methods of reading except `slice` advance the same position, so they can be mixed: for example, `read` for a header
 * and `readable` for the rest. No byte is fetched twice, and at most one chunk is held in memory.
 *
 * The file itself is an async iterable of bytes, which some runtimes accept as a body: `new Response(file)` works on Deno,
 * Bun and Node, and on Workers from the compatibility date 2026-02-19 on. Older Workers and browsers send the text
 * `[object Object]` instead. `file.readable` is a body everywhere.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type ReadFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 * import { toText } from "@std/streams/to-text";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "storage contents");
 * await using file: ReadFile<string> = await storage.open("a.txt");
 * assertEquals(await file.read(7), "storage");
 * assertEquals(await toText(file.readable), " contents");
 *
 * assertEquals(await new Response(await storage.open("a.txt")).text(), "storage contents");
 * ```
 */
export abstract class ReadFile<T extends string | Uint8Array<ArrayBuffer>>
  implements AsyncDisposable, AsyncIterable<Uint8Array<ArrayBuffer>> {
  readonly #name: string;
  #source: ByteSource;
  readonly #reopen: (() => Promise<ByteSource>) | undefined;
  #reader: ByteReader | undefined;
  #position: number;
  #closed = false;
  /** The readers of slices in progress. */
  readonly #slicing = new Set<ByteReader>();
  /** Ends with the last call: calls run one after another, also if they are not awaited. */
  #tail: Promise<unknown> = Promise.resolve();
  /** The number of unfinished calls, including the running one. */
  #pending = 0;

  /**
   * Called by `Storage.open`.
   *
   * @param name The file's name.
   * @param source The opened object.
   * @param reopen Opens the object again, for `open`.
   */
  constructor(name: string, source: ByteSource, reopen?: () => Promise<ByteSource>) {
    this.#name = name;
    this.#source = source;
    this.#position = source.part?.start ?? 0;
    this.#reopen = reopen;
  }

  /** The mode it was opened in. */
  abstract readonly mode: "r" | "rb";

  /** The file's attributes. */
  get stat(): FileStat {
    return { name: this.name, ...this.#source.stat };
  }

  /**
   * Reads the attributes of the bytes that this file delivers. On S3 it sends a HeadObject request for the content encoding,
   * which is `undefined` for a file that is decompressed or opened in part.
   *
   * @throws {PreconditionFailedError} If the file has changed since it was opened.
   */
  async describe(options: CallOptions = {}): Promise<FileStat> {
    const { stat, part } = this.#source;
    const isPart = part !== undefined && (part.start > 0 || part.end < stat.size);
    const described = { name: this.name, ...await this.#source.describe?.(options) ?? stat };
    return this.decompressed || isPart ? { ...described, contentEncoding: undefined } : described;
  }

  /** The name it was opened by. */
  get name(): string {
    return this.#name;
  }

  /** The number of stored bytes; for a file that is decompressed, that is the compressed size. */
  get size(): number {
    return this.#source.stat.size;
  }

  /**
   * Whether the bytes are decompressed as they are read. Then `size` is not their number, which is unknown before the end,
   * and positions count decompressed bytes.
   */
  get decompressed(): boolean {
    return this.#source.decompressed ?? false;
  }

  /** The offset in bytes that the next read starts at. */
  get position(): number {
    return this.#position;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Reads from the position on.
   *
   * @param length How much to read: bytes of a binary file, characters (code points) of a text file. Up to the end by
   * default.
   * @returns As much as requested, less only at the end of the file; empty at the end.
   * @throws {TypeError} If the file is closed, or a text file's bytes are not UTF-8.
   * @throws {RangeError} If the length is not an integer of 0 or more.
   */
  abstract read(length?: number): Promise<T>;

  /**
   * Reads up to and including the next line end.
   *
   * @returns The line; empty at the end of the file.
   * @throws {TypeError} If the file is closed, or a text file's bytes are not UTF-8.
   */
  abstract readline(): Promise<T>;

  /**
   * Iterates over the lines from the position on, each as `readline` returns it. Leaving the loop early keeps the file open,
   * positioned after the last line.
   */
  async *lines(): AsyncGenerator<T, void, void> {
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line;
  }

  /**
   * Iterates over the rest of the file in chunks, each as `read` returns it. Leaving the loop early keeps the file open,
   * positioned after the last chunk.
   *
   * @param length The length of a chunk: bytes of a binary file, characters of a text file. Only the last may be shorter.
   * @throws {RangeError} If the length is not an integer of 1 or more.
   *
   * @default {65536}
   */
  async *chunks(length = 65_536): AsyncGenerator<T, void, void> {
    if (length === 0) checkInteger("length", length, 1);
    for (let chunk = await this.read(length); chunk.length > 0; chunk = await this.read(length)) yield chunk;
  }

  /** Reads the bytes from the position to the end. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#from((reader) => reader.readUntil(() => -1), true) ?? new Uint8Array(0);
  }

  /**
   * Reads the text from the position to the end, decoded as UTF-8.
   *
   * @throws {TypeError} If the bytes are not UTF-8.
   */
  async text(): Promise<string> {
    return this.decode(await this.bytes());
  }

  /**
   * Parses the rest of the file as JSON. A byte order mark is ignored.
   *
   * @throws {SyntaxError} If it is not JSON.
   */
  async json<T = unknown>(): Promise<T> {
    const text = (await this.text()).replace(/^\ufeff/, "");
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new SyntaxError(`Cannot parse '${this.name}' as JSON: ${(cause as Error).message}`, { cause });
    }
  }

  /** Reads the rest of the file as a Blob of the file's media type. */
  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.stat.contentType ?? "" });
  }

  /**
   * The bytes from the position to the end, as a stream. The file is closed when the stream ends, fails or is cancelled. If
   * the stream is used after the block that opened the file, do not open the file with `await using`.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#refuseClosed();
    const source = this.#source;
    // After the file was opened again, this stream must not close it.
    const close = async (): Promise<void> => source === this.#source ? await this.close() : undefined;
    return new ReadableStream({
      pull: async (controller) => {
        try {
          this.#refuseClosed(source);
          const chunk = await this.#take();
          if (chunk !== undefined) return controller.enqueue(asBytes(chunk));
        } catch (error) {
          await close();
          throw error;
        }
        await close(); // before the end is reported
        controller.close();
      },
      cancel: close,
    }, { highWaterMark: 0 });
  }

  /** Iterates over the bytes, for `for await` and bodies. As with `readable`, leaving the loop closes the file. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
    const reader = this.readable.getReader();
    return {
      next: () => reader.read() as Promise<IteratorResult<Uint8Array<ArrayBuffer>>>,
      // The stream's own iterator would wait for the pending chunk.
      return: async () => ({ done: true, value: await reader.cancel() }),
      [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
        return this;
      },
    };
  }

  /**
   * Reads a range of bytes without moving the position: by one request for the range, unless it was already fetched. Several
   * slices may be read at the same time.
   *
   * @param start The offset of the first byte; a negative one counts from the end.
   * @param end The offset after the last byte, likewise; the end of the file by default.
   * @returns The bytes; fewer if the file is shorter.
   * @throws {TypeError} If the file is closed.
   * @throws {RangeError} If an offset is not an integer, or counts from the end of a file that is decompressed.
   */
  async slice(start = 0, end?: number): Promise<Uint8Array<ArrayBuffer>> {
    const [first, last] = [this.#offset("start", start), this.#offset("end", end ?? Infinity)];
    this.#refuseClosed();
    if (first >= last) return new Uint8Array(0);
    const source = this.#source;
    const reader = new ByteReader(await source.open(first, last));
    this.#slicing.add(reader);
    try {
      this.#refuseClosed(source);
      const bytes = await reader.readUntil(endAfter(last - first));
      this.#refuseClosed(source); // a cancelled stream looks like an ended one
      return bytes;
    } finally {
      this.#slicing.delete(reader);
      await reader.cancel().catch(() => {}); // it may have failed already
    }
  }

  /**
   * Moves the position. Sends no request: the next read does. A file that is decompressed is then decompressed up to the
   * position; to go back, from its beginning.
   *
   * @param position The offset in bytes from the start; beyond the end, reads return nothing.
   * @throws {RangeError} If the position is not an integer of 0 or more.
   */
  async seek(position: number): Promise<void> {
    checkInteger("position", position, 0);
    this.#refuseClosed();
    await this.#enqueue(() => this.#move(position));
  }

  /** Closes the file and releases its connection. Further calls do nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // They may have failed already; their reads have reported it.
    await Promise.all([this.#reader, ...this.#slicing].map((reader) => reader?.cancel().catch(() => {})));
    await this.#source.close().catch(() => {});
  }

  /**
   * Rewinds the file. A closed file is opened again, with its current content.
   *
   * @param mode The mode it was opened in; it cannot change.
   * @returns The file itself.
   * @throws {NotFoundError} If the file no longer exists.
   * @throws {TypeError} If the mode is another one.
   */
  async open(mode?: string): Promise<this> {
    if (mode !== undefined && mode.replace("t", "") !== this.mode) throw new TypeError(NEW_MODE);
    await this.#enqueue(async () => {
      if (!this.#closed) return await this.#move(this.#source.part?.start ?? 0);
      if (this.#reopen === undefined) return this.#refuseClosed();
      this.#source = await this.#reopen();
      [this.#reader, this.#position, this.#closed] = [undefined, this.#source.part?.start ?? 0, false];
    });
    return this;
  }

  /** Throws a TypeError: only files opened with `"w"` can be written. */
  write(this: never, ..._data: unknown[]): Promise<never> {
    return Promise.reject(new TypeError(NOT_WRITTEN));
  }

  /** Throws a TypeError: only files opened with `"w"` can be written. */
  get writable(): never {
    throw new TypeError(NOT_WRITTEN);
  }

  /** Closes the file at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Reads bytes up to an end that `findEnd` finds: it is called with each chunk in order, and returns how many bytes of it
   * belong to the read, or -1 if the read continues after it.
   */
  protected async readBytesUntil(findEnd: (chunk: Uint8Array) => number): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#from((reader) => reader.readUntil(findEnd)) ?? new Uint8Array(0);
  }

  /**
   * Decodes bytes as UTF-8.
   *
   * @throws {TypeError} If they are not UTF-8.
   */
  protected decode(bytes: Uint8Array): string {
    decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // creating one costs more than decoding a line
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      const advice = this.mode === "r" ? `. Open it with mode "rb" to read bytes` : "";
      throw new TypeError(`Cannot read '${this.name}' as text: its bytes are not UTF-8${advice}`, { cause });
    }
  }

  #take(): Promise<Uint8Array | undefined> {
    return this.#from((reader) => reader.readSome());
  }

  /** Reads from the position on. After a failure the next read sends a new request, from the position. */
  #from<R extends Uint8Array | undefined>(
    read: (reader: ByteReader) => Promise<R>,
    toTheEnd = false,
  ): Promise<R | undefined> {
    return this.#enqueue(() => {
      const isUntouched = this.#reader === undefined && this.#position === 0 && !this.#closed;
      const whole = toTheEnd && isUntouched ? this.#source.bytes?.() : undefined;
      if (whole !== undefined) return this.#moveOn(whole as Promise<Uint8Array> as Promise<R>);
      const reader = this.#closed ? undefined : this.#reader;
      if (reader !== undefined) return this.#moveOn(read(reader), reader);
      return this.#open().then((reader) => reader && this.#moveOn(read(reader), reader));
    });
  }

  /** Advances the position by the bytes read. */
  #moveOn<R extends Uint8Array | undefined>(reading: Promise<R>, reader?: ByteReader): Promise<R> {
    return reading.then((bytes) => {
      this.#refuseClosed(); // a cancelled stream looks like an ended one
      this.#position += bytes?.byteLength ?? 0;
      return bytes;
    }, (error) => {
      if (this.#reader === reader) this.#reader = undefined;
      throw error;
    });
  }

  /** Runs a step after the steps before it; immediately if none is pending. */
  #enqueue<R>(step: () => Promise<R>): Promise<R> {
    const done = this.#pending++ === 0 ? step() : this.#tail.then(step);
    this.#tail = done.then(this.#settle, this.#settle);
    return done;
  }

  readonly #settle = (): void => void this.#pending--;

  /** The reader at the position; `undefined` at the end, where a server would reject the range. */
  async #open(): Promise<ByteReader | undefined> {
    this.#refuseClosed();
    const end = this.#source.part?.end ?? (this.decompressed ? Infinity : this.size);
    if (this.#reader === undefined && this.#position < end) {
      this.#reader = new ByteReader(await openAt(this.#source, this.#position));
      if (this.#closed) await this.#reader.cancel().catch(() => {});
    }
    return this.#reader;
  }

  async #move(position: number): Promise<void> {
    if (position === this.#position) return;
    const reader = this.#reader;
    this.#reader = undefined;
    this.#position = position;
    await reader?.cancel().catch(() => {}); // a discarded stream may fail
  }

  /** Resolves an offset that may count from the end; limits it to the size, if that is known. */
  #offset(what: string, offset: number): number {
    const size = this.decompressed ? Infinity : this.size;
    if (offset !== Infinity) checkInteger(what, offset < 0 && size < Infinity ? -offset : offset, 0);
    return offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size);
  }

  /** @param source The source that is being read: after it was closed, another one may be open. */
  #refuseClosed(source = this.#source): void {
    if (this.#closed || source !== this.#source) throw new TypeError(`Cannot read '${this.name}': the file is closed`);
  }
}

let decoder: TextDecoder | undefined;

function openAt(source: ByteSource, start: number): Promise<ReadableStream<Uint8Array> | ChunkReader> {
  return source.chunks?.(start) ?? source.open(start);
}
