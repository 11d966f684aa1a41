import { Gunzip } from "fflate";
import { IntegrityError } from "../../errors.ts";
import { asBytes, type Bytes, concatBytes } from "../../kit/bytes/bytes.ts";
import { crc32, CRC32_POLYNOMIAL } from "../../kit/bytes/crc32.ts";
import type { ByteSource } from "../contract/bytes.ts";
import type { ObjectStat } from "../contract/entry.ts";

/** Bytes decompressed per step: gzip makes at most about 8 MiB of them. */
const SLICE_BYTES = 8 * 1024;

/** The trailer of a gzip member: CRC-32 and length (RFC 1952). */
const TRAILER_BYTES = 8;

/** A gzip header without optional fields. */
const EMPTY_HEADER = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** The longest header accepted: usually it holds no more than a file name. */
const MAX_HEADER_BYTES = 128 * 1024;

/** The decompressed bytes of an object, which are read through one decompressor by all streams. */
export class GunzipSource implements ByteSource {
  readonly decompressed = true;
  readonly #source: ByteSource;
  readonly #name: string;
  readonly #decompress: typeof gunzipStream;
  #reader: ReadableStreamDefaultReader<Bytes> | undefined;
  /** The chunk read last, and where it starts in the decompressed bytes. */
  #chunk: Bytes = new Uint8Array(0);
  #chunkStart = 0;
  #isClosed = false;
  /** Ends with the last requested read: reads of several streams take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param name The file's name, for errors.
   * @param decompress Decompresses the stored bytes; by default gzip.
   */
  constructor(source: ByteSource, name: string, decompress = gunzipStream) {
    this.#source = source;
    this.#decompress = decompress;
    this.#name = name;
  }

  get stat(): ObjectStat {
    return this.#source.stat;
  }

  /**
   * Opens a stream from a position on. A position before the last chunk fetches and decompresses the object from its
   * beginning; one ahead is reached by decompressing up to it.
   */
  open(start: number): Promise<ReadableStream<Bytes>> {
    let position = start;
    const stream = new ReadableStream<Bytes>({
      pull: async (controller): Promise<void> => {
        const reading = this.#turn.then(() => this.#readAt(position));
        this.#turn = reading.catch(() => {});
        const bytes = await reading;
        if (bytes === undefined) return controller.close();
        position += bytes.byteLength;
        controller.enqueue(bytes);
      },
      // No cancel: the decompressor stays where it is, as the read after a seek often continues there.
    }, { highWaterMark: 0 });
    return Promise.resolve(stream);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#release();
    await this.#source.close();
  }

  /** Some of the bytes from a position on; `undefined` at the end. */
  async #readAt(position: number): Promise<Bytes | undefined> {
    if (this.#isClosed) return undefined;
    if (this.#reader === undefined || position < this.#chunkStart) {
      await this.#release();
      [this.#chunk, this.#chunkStart] = [new Uint8Array(0), 0];
      this.#reader = this.#decompress(await this.#source.open(0), this.#name).getReader();
      if (this.#isClosed) return void await this.#release();
    }
    while (position >= this.#chunkStart + this.#chunk.byteLength) if (!await this.#advance()) return undefined;
    return this.#chunk.slice(position - this.#chunkStart); // a copy: the caller may change it
  }

  /** Reads the next chunk; false at the end. */
  async #advance(): Promise<boolean> {
    this.#chunkStart += this.#chunk.byteLength;
    this.#chunk = new Uint8Array(0);
    try {
      const next = await this.#reader?.read();
      if (next?.value !== undefined) this.#chunk = next.value;
      return next?.done === false;
    } catch (error) {
      this.#reader = undefined; // the next read starts from the beginning
      throw error;
    }
  }

  async #release(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.cancel().catch(() => {}); // it may have failed already
  }
}

/**
 * Decompresses all members of a gzip stream, and verifies their checksums.
 *
 * @param name The file's name, for errors.
 */
export function gunzipStream(source: ReadableStream<Uint8Array>, name: string): ReadableStream<Bytes> {
  const reader = source.getReader();
  const gunzip = new CheckedGunzip(name);
  let pending: Uint8Array = new Uint8Array(0);
  return new ReadableStream({
    async pull(controller): Promise<void> {
      try {
        for (let output: Bytes[] = []; output.length === 0;) {
          if (pending.byteLength === 0) {
            const { done, value } = await reader.read();
            if (done) {
              gunzip.finish();
              return controller.close();
            }
            pending = value;
          }
          output = gunzip.push(pending.subarray(0, SLICE_BYTES));
          pending = pending.subarray(SLICE_BYTES);
          for (const bytes of output) controller.enqueue(bytes);
        }
      } catch (error) {
        reader.cancel().catch(() => {}); // it may have failed already
        throw error;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Verifies checksums and lengths, which fflate ignores, and throws an {@linkcode IntegrityError}. */
class CheckedGunzip {
  readonly #name: string;
  readonly #gunzip: Gunzip;
  #output: Bytes[] = [];
  /** The number of bytes pushed, and the last of them, with the trailer of the last member. */
  #pushed = 0;
  #recent: Uint8Array = new Uint8Array(0);
  /** The end of the last verified member. */
  #checked = 0;
  /** Checksum and length of the current member. */
  #crc = 0;
  #length = 0;
  /** Whether the last push got past a header. */
  #isInside = false;

  constructor(name: string) {
    this.#name = name;
    this.#gunzip = new Gunzip((bytes) => this.#take(asBytes(bytes)));
    this.#gunzip.onmember = (start) => this.#checkMember(start);
  }

  /** Decompresses bytes; the result may be empty. */
  push(slice: Uint8Array): Bytes[] {
    this.#pushed += slice.byteLength;
    // A trailer arrives with the push that ends its member or the next one, and is verified when the next header is complete.
    const kept = this.#isInside ? this.#recent.subarray(-TRAILER_BYTES - SLICE_BYTES) : this.#recent;
    this.#recent = concatBytes([kept, slice]);
    if (this.#recent.byteLength > MAX_HEADER_BYTES) throw this.#failure("a header has no end");
    this.#isInside = false;
    this.#run(slice);
    const output = this.#output;
    this.#output = [];
    return output;
  }

  /** Verifies that the input ends where a member ends: only there another header is accepted. */
  finish(): void {
    if (this.#pushed === 0) return;
    this.#run(EMPTY_HEADER);
    if (this.#checked !== this.#pushed) throw this.#failure("it ends too early");
  }

  #run(slice: Uint8Array): void {
    try {
      this.#gunzip.push(slice);
    } catch (error) {
      throw error instanceof IntegrityError ? error : this.#failure((error as Error).message, error);
    }
  }

  #take(bytes: Bytes): void {
    this.#isInside = true;
    if (bytes.byteLength === 0) return;
    this.#crc = crc32(CRC32_POLYNOMIAL, bytes, this.#crc);
    this.#length += bytes.byteLength;
    this.#output.push(bytes);
  }

  /** Verifies a member by its trailer, which ends at that position. */
  #checkMember(end: number): void {
    const start = this.#recent.byteLength - (this.#pushed - end) - TRAILER_BYTES;
    const trailer = new DataView(this.#recent.buffer, this.#recent.byteOffset + start, TRAILER_BYTES);
    const [crc, length] = [trailer.getUint32(0, true), trailer.getUint32(4, true)];
    if (crc !== this.#crc || length !== this.#length % 2 ** 32) {
      const format = (sum: number, bytes: number): string => `CRC-32 ${sum.toString(16)} of ${bytes} bytes`;
      throw this.#failure(
        `its trailer says ${format(crc, length)}, its content has ${format(this.#crc, this.#length)}`,
      );
    }
    this.#crc = this.#length = 0;
    this.#checked = end;
  }

  #failure(what: string, cause?: unknown): IntegrityError {
    return new IntegrityError(`Cannot decompress '${this.#name}': its gzip data is corrupt or cut short: ${what}`, {
      cause,
    });
  }
}
