import type { Bytes } from "../../kit/bytes/bytes.ts";
import { hasTempFiles, TempFile } from "../../runtime/files/temp_file.ts";
import type { ByteSource } from "./read_file.ts";

/** What is read back from the disk at once. */
const PIECE_BYTES = 256 * 1024;

/**
 * A source that is read once, from its beginning, and keeps what was read: a way back needs no request. Where there is no
 * disk, and more would have to be kept than may be in memory, it is the source itself.
 *
 * @param maxMemorySize The most bytes in memory, before a temporary file takes them all; 0 for no limit.
 */
export function spooledSource(source: ByteSource, maxMemorySize: number): ByteSource {
  const fits = maxMemorySize === 0 || !(source.decompressed || source.stat.size > maxMemorySize);
  if (!fits && !hasTempFiles()) return source;
  const spool = new ReadSpool(maxMemorySize);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let isEnded = source.stat.size === 0;
  let isClosed = false;
  /** What is being fetched, for all streams that wait for it. */
  let advancing: Promise<boolean> | undefined;
  /** What is being put into the spool. */
  let keeping = Promise.resolve();

  async function leave(): Promise<void> {
    const left = reader;
    reader = undefined;
    await left?.cancel().catch(() => {}); // it may have failed already
  }

  /** Fetches and keeps one more chunk; false at the end. */
  async function advance(): Promise<boolean> {
    if (isEnded || isClosed) return false;
    try {
      reader ??= (await source.open(spool.length)).getReader();
      if (isClosed) return false;
      const { done, value } = await reader.read();
      if (isClosed) return false;
      isEnded = done;
      if (value !== undefined) await (keeping = spool.append(value));
      return !done;
    } catch (error) {
      await leave(); // the next read asks for what is missing
      if (isClosed) return false;
      throw error;
    } finally {
      if (isClosed) await leave();
      advancing = undefined;
    }
  }

  return {
    stat: source.stat,
    decompressed: source.decompressed ?? false,
    ...(source.describe && { describe: (options) => source.describe!(options) }),
    open: (start) => {
      let position = start;
      return Promise.resolve(
        new ReadableStream<Bytes>({
          async pull(controller): Promise<void> {
            while (position >= spool.length) if (!await (advancing ??= advance())) return controller.close();
            const bytes = await spool.read(position);
            position += bytes.byteLength;
            controller.enqueue(bytes);
          },
        }, { highWaterMark: 0 }),
      );
    },
    close: async () => {
      isClosed = true;
      await leave();
      await keeping.catch(() => {}); // the read was told
      await spool.close();
      await source.close();
    },
  };
}

/** Bytes that were read: in memory while they are few, then in a file. */
class ReadSpool {
  readonly #maxMemorySize: number;
  #chunks: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  #file: TempFile | undefined;
  #length = 0;

  constructor(maxMemorySize: number) {
    this.#maxMemorySize = maxMemorySize;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes a copy of bytes. */
  async append(bytes: Uint8Array): Promise<void> {
    const length = this.#length + bytes.byteLength;
    if (this.#file === undefined && this.#maxMemorySize > 0 && length > this.#maxMemorySize) {
      const file = await TempFile.create();
      try {
        for (const chunk of this.#chunks) await file.append(chunk.bytes);
      } catch (error) {
        await file.close();
        throw error;
      }
      this.#file = file; // others may read meanwhile
      this.#chunks = [];
    }
    if (this.#file !== undefined) await this.#file.append(bytes);
    else this.#chunks.push({ start: this.#length, bytes: bytes.slice() });
    this.#length = length;
  }

  /** Some of the bytes from a position below its length on. */
  async read(position: number): Promise<Bytes> {
    if (this.#file !== undefined) {
      return await this.#file.read(position, Math.min(position + PIECE_BYTES, this.#length));
    }
    let [first, last] = [0, this.#chunks.length - 1];
    while (first < last) {
      const middle = first + last + 1 >> 1;
      if (this.#chunks[middle]!.start <= position) first = middle;
      else last = middle - 1;
    }
    const { start, bytes } = this.#chunks[first]!;
    return new Uint8Array(bytes.subarray(position - start)); // a copy: whoever gets it may change it
  }

  async close(): Promise<void> {
    this.#chunks = [];
    await this.#file?.close();
  }
}
