import type { Bytes } from "../../kit/bytes/bytes.ts";
import { machine } from "../../runtime/detect.ts";
import type { TempBytes } from "../../runtime/machine.ts";
import type { ByteSource } from "../contract/bytes.ts";
import type { ObjectStat } from "../contract/entry.ts";
import type { CallOptions } from "../contract/options.ts";

/** Bytes read back from the disk per step. */
const PIECE_BYTES = 256 * 1024;

/**
 * Keeps the bytes read from a source, so that reading them again needs no request. Without a disk, a source that does not fit
 * into memory is returned as it is.
 *
 * @param maxMemorySize The most bytes kept in memory before all of them go to a temporary file; 0 for no limit.
 */
export function spooledSource(source: ByteSource, maxMemorySize: number): ByteSource {
  const fits = maxMemorySize === 0 || !(source.decompressed || source.stat.size > maxMemorySize);
  return fits || machine.hasTempFiles() ? new SpooledSource(source, maxMemorySize) : source;
}

/** A source that is fetched once, from its beginning, and kept. */
class SpooledSource implements ByteSource {
  readonly decompressed: boolean;
  /** Set only if the source has it. */
  readonly describe?: (options: CallOptions) => Promise<ObjectStat>;
  readonly #source: ByteSource;
  readonly #spool: ReadSpool;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isEnded: boolean;
  #isClosed = false;
  /** The fetch under way, for all streams that wait for it. */
  #advancing: Promise<boolean> | undefined;
  /** The last append to the spool. */
  #appending: Promise<void> = Promise.resolve();

  constructor(source: ByteSource, maxMemorySize: number) {
    this.decompressed = source.decompressed ?? false;
    if (source.describe !== undefined) this.describe = (options) => source.describe!(options);
    this.#source = source;
    this.#spool = new ReadSpool(maxMemorySize);
    this.#isEnded = source.stat.size === 0;
  }

  get stat(): ObjectStat {
    return this.#source.stat;
  }

  open(start: number): Promise<ReadableStream<Bytes>> {
    let position = start;
    const stream = new ReadableStream<Bytes>({
      pull: async (controller): Promise<void> => {
        while (position >= this.#spool.length) {
          if (!await (this.#advancing ??= this.#advance())) return controller.close();
        }
        const bytes = await this.#spool.read(position);
        position += bytes.byteLength;
        controller.enqueue(bytes);
      },
    }, { highWaterMark: 0 });
    return Promise.resolve(stream);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#release();
    await this.#appending.catch(() => {}); // the read has reported it
    await this.#spool.close();
    await this.#source.close();
  }

  /** Fetches and keeps one more chunk; false at the end. */
  async #advance(): Promise<boolean> {
    if (this.#isEnded || this.#isClosed) return false;
    try {
      this.#reader ??= (await this.#source.open(this.#spool.length)).getReader();
      if (this.#isClosed) return false;
      const { done, value } = await this.#reader.read();
      if (this.#isClosed) return false;
      this.#isEnded = done;
      if (value !== undefined) await (this.#appending = this.#spool.append(value));
      return !done;
    } catch (error) {
      await this.#release(); // the next read fetches from here
      if (this.#isClosed) return false;
      throw error;
    } finally {
      if (this.#isClosed) await this.#release();
      this.#advancing = undefined;
    }
  }

  async #release(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.cancel().catch(() => {}); // it may have failed already
  }
}

/** The bytes read so far: in memory up to a limit, then in a temporary file. */
class ReadSpool {
  readonly #maxMemorySize: number;
  #chunks: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  #file: TempBytes | undefined;
  #length = 0;

  constructor(maxMemorySize: number) {
    this.#maxMemorySize = maxMemorySize;
  }

  get length(): number {
    return this.#length;
  }

  /** Appends a copy of bytes. */
  async append(bytes: Uint8Array): Promise<void> {
    const length = this.#length + bytes.byteLength;
    if (this.#file === undefined && this.#maxMemorySize > 0 && length > this.#maxMemorySize) {
      const file = await (await machine.load()).createTempFile();
      try {
        for (const chunk of this.#chunks) await file.append(chunk.bytes);
      } catch (error) {
        await file.close();
        throw error;
      }
      this.#file = file; // only now: other streams may read meanwhile
      this.#chunks = [];
    }
    if (this.#file !== undefined) await this.#file.append(bytes);
    else this.#chunks.push({ start: this.#length, bytes: bytes.slice() });
    this.#length = length;
  }

  /** Some of the bytes from a position on, which must be less than `length`. */
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
    return new Uint8Array(bytes.subarray(position - start)); // a copy: the caller may change it
  }

  async close(): Promise<void> {
    this.#chunks = [];
    await this.#file?.close();
  }
}
