import { asBytes } from "../kit/bytes.ts";
import { ByteReader, type EndFinder } from "../kit/byte_reader.ts";
import type { FileStat } from "./entry.ts";

/**
 * Where a file's bytes come from; it may be asked for them more than once.
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
 * assertEquals((await new BinaryFile(source).read(2)).byteLength, 2);
 * ```
 */
export interface ByteSource {
  /** What is known of the file. */
  readonly stat: FileStat;
  /**
   * Whether its bytes are decompressed on their way, so that there are others, and another number, than are stored.
   * @default {false}
   */
  readonly decompressed?: boolean;
  /** The bytes from `start`, which is less than the size unless they are decompressed, to the end. */
  open(start: number): Promise<ReadableStream<Uint8Array>>;
  /** All of the bytes at once, where that is quicker than `open` and nothing was opened before; `undefined` where it is not. */
  bytes?(): Promise<Uint8Array<ArrayBuffer>> | undefined;
  /** Lets go of what was fetched but never opened. */
  close(): Promise<void>;
}

/**
 * A file opened for reading: see {@linkcode BinaryFile} and {@linkcode TextFile}.
 *
 * All ways of reading move the same position on, so they can be mixed: a header by `read`, say, and the rest as a
 * stream. Nothing is fetched twice, and no more than one chunk is held.
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
 * ```
 */
export abstract class ReadFile<T extends string | Uint8Array<ArrayBuffer>> implements AsyncDisposable {
  readonly #source: ByteSource;
  #reader: ByteReader | undefined;
  #position = 0;
  #closed = false;
  /** The call before the next: calls that are not awaited one by one are done one by one. */
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * Made by `Storage.open`.
   *
   * @param source Where the bytes come from.
   */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** What the storage knows of the file. */
  get stat(): FileStat {
    return this.#source.stat;
  }

  /** The name it was opened by. */
  get name(): string {
    return this.stat.name;
  }

  /** Bytes, as they are stored: of a file that is decompressed, the compressed ones. */
  get size(): number {
    return this.stat.size;
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
   * @throws {RangeError} If the length is not a whole number of 0 or more.
   */
  abstract read(length?: number): Promise<T>;

  /** The bytes from the position to the end. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#from((reader) => reader.readUntil(() => -1), true) ?? new Uint8Array(0);
  }

  /** The text from the position to the end: UTF-8, as it is stored. */
  async text(): Promise<string> {
    return decodeUtf8(await this.bytes());
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
   * The bytes from the position to the end, as a stream. Cancelling it closes the file, and so does its end: a stream
   * that outlives the block it is made in must not come from a file of `await using`.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#refuseClosed();
    return new ReadableStream({
      pull: async (controller) => {
        const chunk = await this.#take();
        if (chunk === undefined) {
          controller.close();
          await this.close();
        } else {
          controller.enqueue(asBytes(chunk));
        }
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  /**
   * Moves the position. Nothing is fetched before the next read, which then asks for the bytes from there on. A file that
   * is decompressed is read through up to there, and for a way back once more from its beginning.
   *
   * @param position The offset in bytes, from the start; beyond the end there is nothing to read.
   * @throws {RangeError} If it is not a whole number of 0 or more.
   */
  async seek(position: number): Promise<void> {
    checkCount("position", position);
    this.#refuseClosed();
    await this.#enqueue(async () => {
      if (position === this.#position) return;
      const reader = this.#reader;
      this.#reader = undefined;
      this.#position = position;
      await reader?.cancel().catch(() => {}); // what is not wanted any more may fail
    });
  }

  /** Lets the connection go. Closing twice is free. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#reader?.cancel().catch(() => {}); // it may have failed already, which its reader was told
    await this.#source.close().catch(() => {});
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

  async #take(): Promise<Uint8Array | undefined> {
    return await this.#from((reader) => reader.readSome());
  }

  /** Reads from the position; after a failure the next read asks for the bytes anew, from where the last one ended. */
  #from<R extends Uint8Array | undefined>(
    read: (reader: ByteReader) => Promise<R>,
    toTheEnd = false,
  ): Promise<R | undefined> {
    return this.#enqueue(async () => {
      const isUntouched = this.#reader === undefined && this.#position === 0 && !this.#closed;
      const whole = toTheEnd && isUntouched ? this.#source.bytes?.() : undefined;
      if (whole !== undefined) {
        const bytes = await whole;
        this.#refuseClosed();
        this.#position = bytes.byteLength;
        return bytes as Uint8Array as R;
      }
      const reader = await this.#open();
      try {
        const bytes = reader && await read(reader);
        this.#refuseClosed(); // what was cancelled looks as if it had ended
        this.#position += bytes?.byteLength ?? 0;
        return bytes;
      } catch (error) {
        if (this.#reader === reader) this.#reader = undefined;
        throw error;
      }
    });
  }

  #enqueue<R>(step: () => Promise<R>): Promise<R> {
    const done = this.#tail.then(step);
    this.#tail = done.catch(() => {});
    return done;
  }

  /** The reader at the position; `undefined` at the end, where a server would refuse the range. */
  async #open(): Promise<ByteReader | undefined> {
    this.#refuseClosed();
    if (this.#reader === undefined && (this.decompressed || this.#position < this.size)) {
      this.#reader = new ByteReader(await this.#source.open(this.#position));
      if (this.#closed) await this.#reader.cancel().catch(() => {});
    }
    return this.#reader;
  }

  #refuseClosed(): void {
    if (this.#closed) throw new TypeError(`Cannot read '${this.name}': the file is closed`);
  }
}

/**
 * A file opened with mode `"rb"`: it reads bytes, as they are stored unless it is decompressed.
 *
 * @example
 * ```ts
 * import { type BinaryFile, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.bin", new Uint8Array([1, 2, 3]));
 * await using file: BinaryFile = await storage.open("a.bin", "rb");
 * assertEquals(await file.read(2), new Uint8Array([1, 2]));
 * ```
 */
export class BinaryFile extends ReadFile<Uint8Array<ArrayBuffer>> {
  /** Reads bytes; all of the rest by default. */
  override async read(length?: number): Promise<Uint8Array<ArrayBuffer>> {
    if (length === undefined) return await this.bytes();
    checkCount("length", length);
    if (length === 0) return new Uint8Array(0);
    let missing = length;
    return await this.readBytesUntil((chunk) => {
      if (chunk.byteLength >= missing) return missing;
      missing -= chunk.byteLength;
      return -1;
    });
  }
}

/**
 * A file opened with mode `"r"`: it reads text, as UTF-8 with universal newlines, so that `\r\n` and `\r` are read
 * as `\n`. A byte order mark is kept.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type TextFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "héllo\r\nworld");
 * await using file: TextFile = await storage.open("a.txt");
 * assertEquals(await file.read(6), "héllo\n");
 * assertEquals(await file.text(), "world");
 * ```
 */
export class TextFile extends ReadFile<string> {
  /** Reads characters; all of the rest by default. `\r\n` counts as one. */
  override async read(length?: number): Promise<string> {
    if (length === undefined) return await this.text();
    checkCount("length", length);
    if (length === 0) return "";
    return universalNewlines(decodeUtf8(await this.readBytesUntil(endOfCharacters(length))));
  }

  /** The text from the position to the end, with universal newlines. */
  override async text(): Promise<string> {
    return universalNewlines(await super.text());
  }
}

/** Finds the end of so many UTF-8 characters, with a `\r\n` as one; so the position is always one in bytes. */
function endOfCharacters(count: number): EndFinder {
  let missing = count;
  let continuationBytes = 0;
  let afterReturn = false;
  return (chunk) => {
    for (let i = 0; i < chunk.byteLength; i++) {
      const byte = chunk[i]!;
      if (continuationBytes > 0) {
        if (--continuationBytes > 0) continue;
      } else if (afterReturn && byte === 0x0a) {
        afterReturn = false;
        if (missing === 0) return i + 1;
        continue;
      } else {
        if (missing === 0) return i;
        continuationBytes = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
        if (continuationBytes > 0) continue;
      }
      missing--;
      afterReturn = byte === 0x0d;
      if (missing === 0 && !afterReturn) return i + 1;
    }
    return -1;
  };
}

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

function universalNewlines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

function checkCount(what: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new RangeError(`The ${what} must be a whole number of 0 or more: current value is ${value}`);
}
