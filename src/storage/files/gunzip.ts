import { Gunzip } from "fflate";
import { IntegrityError } from "../../errors.ts";
import { asBytes, type Bytes, concatBytes } from "../../kit/bytes/bytes.ts";
import { crc32, CRC32_POLYNOMIAL } from "../../kit/bytes/crc32.ts";
import type { ByteSource } from "./read_file.ts";

/** What is decompressed in one go: no more than some 8 MiB can come of it. */
const SLICE_BYTES = 8 * 1024;

/** CRC-32 and length, which end a member of a gzip file (RFC 1952). */
const TRAILER_BYTES = 8;

/** A header that says nothing. */
const EMPTY_HEADER = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** A member's header has its file's name and little else. */
const MAX_HEADER_BYTES = 128 * 1024;

/**
 * The decompressed bytes of a source. Where reading starts again before the chunk that was read last, all is fetched and
 * decompressed from the beginning; what lies ahead is read through.
 */
export function gunzipSource(source: ByteSource): ByteSource {
  let reader: ReadableStreamDefaultReader<Bytes> | undefined;
  /** The chunk read last, and where it starts in the decompressed bytes. */
  let chunk: Bytes = new Uint8Array(0);
  let chunkStart = 0;
  let isClosed = false;
  /** The read before the next: streams that are read side by side share one decompressor. */
  let turn: Promise<unknown> = Promise.resolve();

  async function leave(): Promise<void> {
    const left = reader;
    reader = undefined;
    await left?.cancel().catch(() => {}); // it may have failed already
  }

  /** Reads the next chunk; false at the end. */
  async function advance(): Promise<boolean> {
    chunkStart += chunk.byteLength;
    chunk = new Uint8Array(0);
    try {
      const next = await reader?.read();
      if (next?.value !== undefined) chunk = next.value;
      return next?.done === false;
    } catch (error) {
      reader = undefined; // the next read starts anew
      throw error;
    }
  }

  /** Some of the bytes from a position on; `undefined` at the end. */
  async function readAt(position: number): Promise<Bytes | undefined> {
    if (isClosed) return undefined;
    if (reader === undefined || position < chunkStart) {
      await leave();
      [chunk, chunkStart] = [new Uint8Array(0), 0];
      reader = gunzipStream(await source.open(0), source.stat.name).getReader();
      if (isClosed) return void await leave();
    }
    while (position >= chunkStart + chunk.byteLength) if (!await advance()) return undefined;
    return chunk.slice(position - chunkStart); // whoever gets it may change it
  }

  return {
    stat: source.stat,
    decompressed: true,
    open: (start) => {
      let position = start;
      return Promise.resolve(
        new ReadableStream({
          async pull(controller): Promise<void> {
            const reading = turn.then(() => readAt(position));
            turn = reading.catch(() => {});
            const bytes = await reading;
            if (bytes === undefined) return controller.close();
            position += bytes.byteLength;
            controller.enqueue(bytes);
          }, // One that is cancelled leaves what comes next to those after it: a seek cancels, and may well go on from here.
        }, { highWaterMark: 0 }),
      );
    },
    close: async () => {
      isClosed = true;
      await leave();
      await source.close();
    },
  };
}

/**
 * Decompresses a stream, all members of it, and compares their checksums.
 *
 * @param name The file's, for errors.
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

/** fflate looks neither at checksums nor at lengths; this does, and fails with an error of ours. */
class CheckedGunzip {
  readonly #name: string;
  readonly #gunzip: Gunzip;
  #output: Bytes[] = [];
  /** How many bytes were pushed, and the last of them: as many as it takes to have the trailer of the last member. */
  #pushed = 0;
  #recent: Uint8Array = new Uint8Array(0);
  /** Where the last member ended that was found right. */
  #checked = 0;
  /** Of the member that is being decompressed. */
  #crc = 0;
  #length = 0;
  /** Whether the last push came past a header. */
  #isInside = false;

  constructor(name: string) {
    this.#name = name;
    this.#gunzip = new Gunzip((bytes) => this.#take(asBytes(bytes)));
    this.#gunzip.onmember = (start) => this.#checkMember(start);
  }

  /** Takes compressed bytes; returns what came of them, which may be nothing. */
  push(slice: Uint8Array): Bytes[] {
    this.#pushed += slice.byteLength;
    // A trailer is in the push that ends its member or follows it, and is looked at once the next header is complete.
    const kept = this.#isInside ? this.#recent.subarray(-TRAILER_BYTES - SLICE_BYTES) : this.#recent;
    this.#recent = concatBytes([kept, slice]);
    if (this.#recent.byteLength > MAX_HEADER_BYTES) throw this.#failure("a header has no end");
    this.#isInside = false;
    this.#run(slice);
    const output = this.#output;
    this.#output = [];
    return output;
  }

  /** Takes the end, which must be that of a member: only then one more can begin there. */
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

  /** Compares a member with its trailer, which ends at that position. */
  #checkMember(end: number): void {
    const start = this.#recent.byteLength - (this.#pushed - end) - TRAILER_BYTES;
    const trailer = new DataView(this.#recent.buffer, this.#recent.byteOffset + start, TRAILER_BYTES);
    const [crc, length] = [trailer.getUint32(0, true), trailer.getUint32(4, true)];
    if (crc !== this.#crc || length !== this.#length % 2 ** 32) {
      const told = (sum: number, bytes: number): string => `CRC-32 ${sum.toString(16)} of ${bytes} bytes`;
      throw this.#failure(`it ends in ${told(crc, length)} and has ${told(this.#crc, this.#length)}`);
    }
    this.#crc = this.#length = 0;
    this.#checked = end;
  }

  #failure(what: string, cause?: unknown): IntegrityError {
    return new IntegrityError(`Cannot decompress '${this.#name}', its gzip data is corrupt or cut short: ${what}`, {
      cause,
    });
  }
}
