import { asBytes } from "../../kit/bytes/bytes.ts";
import { ByteReader, type ChunkReader, endAfter } from "../../kit/bytes/byte_reader.ts";
import type { ByteSource } from "../contract/bytes.ts";
import type { FileStat } from "../contract/entry.ts";
import type { CallOptions } from "../contract/options.ts";
import { checkInteger } from "../../kit/values/integer.ts";

/** What Django says. */
const NOT_WRITTEN = "File was not opened in write mode.";
export const NOT_READ = "File was not opened in read mode.";
export const NEW_MODE = "Cannot reopen file with a new mode.";

/**
 * A file opened for reading: see {@linkcode BinaryFile} and {@linkcode TextFile}.
 *
 * All ways of reading but `slice` move the same position on, so they can be mixed: a header by `read`, say, and the rest
 * as a stream. Nothing is fetched twice, and no more than one chunk is held.
 *
 * The file itself is an async iterable of bytes, and so is a body by itself: `new Response(file)` on Deno, Bun and Node,
 * and on Workers from the compatibility date 2026-02-19 on. Older ones and browsers do not know such bodies and
 * send the text `[object Object]`; `file.readable` is a body everywhere.
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
  /** Those of slices under way. */
  readonly #slicing = new Set<ByteReader>();
  /** The call before the next: calls that are not awaited one by one are done one by one. */
  #tail: Promise<unknown> = Promise.resolve();
  /** How many there are, the one under way among them. */
  #pending = 0;

  /**
   * Made by `Storage.open`.
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
   * Reads the attributes of the bytes as they are read, with their content encoding, for which S3 is sent a HeadObject.
   * The content encoding of a file that is decompressed, or opened in part, is `undefined`.
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

  /** The size of the stored bytes; for a file that is decompressed, that of the compressed ones. */
  get size(): number {
    return this.#source.stat.size;
  }

  /**
   * Whether its bytes are decompressed as they are read: then they are not `size` many, and nobody knows how many before
   * the end. Positions count the decompressed bytes.
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
   * Reads on from the position.
   *
   * @param length How much to read: bytes of a binary file, characters (code points) of a text file. All of the rest
   * by default.
   * @returns As much as asked for, less only at the end; empty at the end.
   * @throws {TypeError} If the file is closed, or a text file's bytes are not UTF-8.
   * @throws {RangeError} If the length is not an integer of 0 or more.
   */
  abstract read(length?: number): Promise<T>;

  /**
   * Reads on to the end of the line, with what ends it.
   *
   * @returns The line; empty at the end of the file.
   * @throws {TypeError} If the file is closed, or a text file's bytes are not UTF-8.
   */
  abstract readline(): Promise<T>;

  /**
   * The lines from the position on, each as `readline` gives it. A loop that is left leaves the file open, after its last
   * line.
   */
  async *lines(): AsyncGenerator<T, void, void> {
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line;
  }

  /**
   * The rest in pieces, each as `read` gives it. A loop that is left leaves the file open, after its last piece.
   *
   * @param length How much a piece is: bytes of a binary file, characters of a text file; only the last may be less.
   * @throws {RangeError} If the length is not an integer of 1 or more.
   *
   * @default {65536}
   */
  async *chunks(length = 65_536): AsyncGenerator<T, void, void> {
    if (length === 0) checkInteger("length", length, 1);
    for (let chunk = await this.read(length); chunk.length > 0; chunk = await this.read(length)) yield chunk;
  }

  /** The bytes from the position to the end. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#from((reader) => reader.readUntil(() => -1), true) ?? new Uint8Array(0);
  }

  /**
   * The text from the position to the end, decoded as UTF-8.
   *
   * @throws {TypeError} If the bytes are not UTF-8.
   */
  async text(): Promise<string> {
    return this.decode(await this.bytes());
  }

  /** The value that the rest is JSON of. */
  async json(): Promise<unknown> {
    return JSON.parse((await this.text()).replace(/^\ufeff/, ""));
  }

  /** The rest as a Blob of the file's type. */
  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.stat.contentType ?? "" });
  }

  /**
   * The bytes from the position to the end, as a stream. Its end closes the file, and so does cancelling it or its failure:
   * a stream that outlives the block it is made in must not come from a file of `await using`.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#refuseClosed();
    const source = this.#source;
    // Once it was opened again it is another one's file.
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
        await close(); // nothing is left once the end is told
        controller.close();
      },
      cancel: close,
    }, { highWaterMark: 0 });
  }

  /** What `for await` and a body read the file by: as `readable`, also in that leaving the loop closes the file. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
    const reader = this.readable.getReader();
    return {
      next: () => reader.read() as Promise<IteratorResult<Uint8Array<ArrayBuffer>>>,
      // The stream's own iterator would wait for the chunk under way.
      return: async () => ({ done: true, value: await reader.cancel() }),
      [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
        return this;
      },
    };
  }

  /**
   * Some of the bytes, by a request for just them unless they are there already. The position stays where it is, and slices
   * may be asked for side by side.
   *
   * @param start Where they begin, in bytes; below 0 it counts from the end.
   * @param end Where they end, likewise; by default at the end of the file.
   * @returns The bytes, as many as there are.
   * @throws {TypeError} If the file is closed.
   * @throws {RangeError} If a number is not whole, or counts from the end of a file that is decompressed.
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
      this.#refuseClosed(source); // what was cancelled looks as if it had ended
      return bytes;
    } finally {
      this.#slicing.delete(reader);
      await reader.cancel().catch(() => {}); // it may have failed already
    }
  }

  /**
   * Moves the position. Nothing is fetched before the next read, which then asks for the bytes from there on. A file that
   * is decompressed is read through up to there, and for a way back once more from its beginning.
   *
   * @param position The offset in bytes, from the start; beyond the end there is nothing to read.
   * @throws {RangeError} If it is not an integer of 0 or more.
   */
  async seek(position: number): Promise<void> {
    checkInteger("position", position, 0);
    this.#refuseClosed();
    await this.#enqueue(() => this.#move(position));
  }

  /** Lets the connection go. Closing twice is free. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // They may have failed already, which their readers were told.
    await Promise.all([this.#reader, ...this.#slicing].map((reader) => reader?.cancel().catch(() => {})));
    await this.#source.close().catch(() => {});
  }

  /**
   * Goes back to the beginning; a file that was closed is opened once more, as it is by now.
   *
   * @param mode How it was opened: there is no other way to open it again.
   * @returns The file itself.
   * @throws {NotFoundError} If there is no such file any more.
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

  /** Refused: only files opened with `"w"` are written. */
  write(this: never, ..._data: unknown[]): Promise<never> {
    return Promise.reject(new TypeError(NOT_WRITTEN));
  }

  /** Refused: only files opened with `"w"` are written. */
  get writable(): never {
    throw new TypeError(NOT_WRITTEN);
  }

  /** Closes the file at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Reads the bytes up to where `findEnd` says: it is shown the bytes in order and returns how many of a chunk still
   * belong to the read, or -1 if the read goes on beyond it.
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
    decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // making one takes longer than decoding a line
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

  /** Reads from the position; after a failure the next read asks for the bytes anew, from where the last one ended. */
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

  /** Moves the position by what is read. */
  #moveOn<R extends Uint8Array | undefined>(reading: Promise<R>, reader?: ByteReader): Promise<R> {
    return reading.then((bytes) => {
      this.#refuseClosed(); // what was cancelled looks as if it had ended
      this.#position += bytes?.byteLength ?? 0;
      return bytes;
    }, (error) => {
      if (this.#reader === reader) this.#reader = undefined;
      throw error;
    });
  }

  /** Begins a step at once where no other one is under way. */
  #enqueue<R>(step: () => Promise<R>): Promise<R> {
    const done = this.#pending++ === 0 ? step() : this.#tail.then(step);
    this.#tail = done.then(this.#settle, this.#settle);
    return done;
  }

  readonly #settle = (): void => void this.#pending--;

  /** The reader at the position; `undefined` at the end, where a server would refuse the range. */
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
    await reader?.cancel().catch(() => {}); // what is not wanted any more may fail
  }

  /** Where an offset lies that may count from the end; not beyond the end, as far as that is known. */
  #offset(what: string, offset: number): number {
    const size = this.decompressed ? Infinity : this.size;
    if (offset !== Infinity) checkInteger(what, offset < 0 && size < Infinity ? -offset : offset, 0);
    return offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size);
  }

  /** @param source What is being read: once that was closed, another one may be open. */
  #refuseClosed(source = this.#source): void {
    if (this.#closed || source !== this.#source) throw new TypeError(`Cannot read '${this.name}': the file is closed`);
  }
}

let decoder: TextDecoder | undefined;

function openAt(source: ByteSource, start: number): Promise<ReadableStream<Uint8Array> | ChunkReader> {
  return source.chunks?.(start) ?? source.open(start);
}
