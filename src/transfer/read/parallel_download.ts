import { checkInteger } from "../../kit/values/integer.ts";
import { headObject, type ObjectTarget, type ObjectVersion } from "../../client/operations/objects.ts";
import { readChecksum } from "./read_checksum.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError } from "../../errors.ts";
import { abortWhileHeld } from "../../kit/async/while_held.ts";
import { beginCheck, type ByteCheck } from "./byte_check.ts";
import { type ObjectBody, readObject } from "./object_reader.ts";

/** How an object is downloaded in ranges. */
export interface DownloadPlan {
  /** In bytes. */
  readonly partSize: number;
  /** Ranges that are downloaded, or wait to be read, at the same time; they take up to this number times `partSize` of memory. */
  readonly maxConcurrency: number;
  /** Called with the bytes and ranges that were read so far, and the number of all bytes. */
  readonly onProgress?:
    | ((progress: { readonly bytes: number; readonly parts: number; readonly total: number }) => void)
    | undefined;
}

/**
 * Reads an object's bytes in order while the ranges that follow are downloaded already. Each range is requested of exactly
 * the object that the first one came from, and resumes where its connection breaks.
 *
 * An object that fits into one range takes one request. So does an object of any size that has no strong ETag, as its
 * ranges could belong to different objects (the response to the first range is then dropped), or that is sent as a whole.
 *
 * @throws {RangeError} If `partSize` or `maxConcurrency` is not an integer of 1 or more.
 */
export async function downloadObject(
  client: S3Client,
  target: ObjectTarget,
  plan: DownloadPlan,
): Promise<Pick<ObjectBody, "head" | "body">> {
  checkInteger("partSize", plan.partSize, 1);
  checkInteger("maxConcurrency", plan.maxConcurrency, 1);
  const download = new ParallelDownload(client, target, plan);
  let first: ObjectBody;
  try {
    first = await download.open();
  } catch (error) {
    // An empty object has no range.
    if (!isStorageError(error) || error.status !== 416) throw error;
    plan.onProgress?.({ bytes: 0, parts: 1, total: 0 });
    const head = await headObject(client, target);
    return { head: { ...head, all: () => head }, body: new Blob().stream() };
  }
  return { head: first.head, body: download.start(first) };
}

/** The ranges of one object that are being downloaded. */
class ParallelDownload {
  readonly #client: S3Client;
  readonly #signal: AbortSignal | undefined;
  readonly #plan: DownloadPlan;
  readonly #stop = new AbortController();
  /** The object, with the signal that ends all of its ranges. */
  readonly #target: ObjectTarget;
  readonly #ahead: QueuingStrategy<Uint8Array>;
  /** The ranges that were requested and not read to their ends, in order. */
  readonly #parts: Promise<ReadableStreamDefaultReader<Uint8Array>>[] = [];
  #check: Promise<ByteCheck | undefined> | undefined;
  #head!: ObjectVersion;
  /** Where the next range begins. */
  #next = 0;
  #bytes = 0;
  #finishedParts = 0;

  constructor(client: S3Client, target: ObjectTarget, plan: DownloadPlan) {
    this.#client = client;
    this.#signal = target.signal;
    this.#plan = plan;
    this.#target = { ...target, signal: abortWhileHeld(this.#stop, target.signal) };
    // One byte more than a part has, so that its end is read too and its connection becomes free.
    // Not a ByteLengthQueuingStrategy, which Vercel's edge runtime lacks.
    this.#ahead = { highWaterMark: plan.partSize + 1, size: ({ byteLength }) => byteLength };
  }

  /** Requests the first range, or the whole object where it must not be read in ranges. */
  async open(): Promise<ObjectBody> {
    if (this.#plan.maxConcurrency === 1) return await readObject(this.#client, this.#target);
    const first = await this.#requestPart(0);
    if (first.end >= first.head.size || first.isSteady) return first;
    await first.body.cancel();
    return await readObject(this.#client, this.#target, this.#ahead);
  }

  /** Requests the ranges that follow the first; returns the bytes of all. */
  start({ head, end, isRange, body, headers }: ObjectBody): ReadableStream<Uint8Array> {
    this.#head = head;
    this.#next = end;
    this.#parts.push(Promise.resolve(body.getReader()));
    // A range has no checksum; that of the whole object is requested while the first range arrives.
    if (isRange) {
      this.#check = findCheck(this.#client, this.#target, { head, headers });
      this.#check.catch(() => {}); // reported when read
    }
    if (head.size === 0) this.#report(); // an empty object produces no chunk
    this.#requestAhead();
    return new ReadableStream<Uint8Array>({
      pull: async (controller): Promise<void> => {
        try {
          const chunk = await this.#read();
          if (chunk === undefined) return controller.close();
          controller.enqueue(chunk);
          this.#report();
        } catch (error) {
          await this.#cancel(error);
          throw error;
        }
      },
      cancel: (reason) => this.#cancel(reason),
    }, { highWaterMark: 0 });
  }

  #requestPart(start: number, sameAs?: ObjectVersion): Promise<ObjectBody> {
    const range = { start, end: start + this.#plan.partSize, sameAs };
    return readObject(this.#client, { ...this.#target, ...range }, this.#ahead);
  }

  #requestAhead(): void {
    const { maxConcurrency, partSize } = this.#plan;
    for (; this.#next < this.#head.size && this.#parts.length < maxConcurrency; this.#next += partSize) {
      const part = this.#requestPart(this.#next, this.#head).then(({ body }) => body.getReader());
      part.catch(() => {}); // reported when read
      this.#parts.push(part);
    }
  }

  async #read(): Promise<Uint8Array | undefined> {
    while (this.#parts[0] !== undefined) {
      const check = await this.#check;
      const { done, value } = await (await this.#parts[0]).read();
      this.#signal?.throwIfAborted();
      if (!done) {
        check?.update(value);
        this.#bytes += value.byteLength;
        if (this.#bytes === this.#head.size) await check?.finish(); // the last bytes are handed out only after the check
        return value;
      }
      this.#parts.shift();
      this.#finishedParts++;
      this.#requestAhead();
    }
    return undefined;
  }

  #report(): void {
    const total = this.#head.size;
    const parts = this.#finishedParts + Number(this.#bytes === total);
    this.#plan.onProgress?.({ bytes: this.#bytes, parts, total });
  }

  async #cancel(reason: unknown): Promise<void> {
    this.#stop.abort(reason);
    const cancelling = this.#parts.splice(0).map(async (part) => await (await part).cancel(reason));
    await Promise.allSettled([this.#check, ...cancelling]);
  }
}

async function findCheck(
  client: S3Client,
  target: ObjectTarget,
  opened: Pick<ObjectBody, "head" | "headers">,
): Promise<ByteCheck | undefined> {
  const checksum = await readChecksum(client, target, opened.head);
  return beginCheck(client, target, { ...opened, checksum }, readObject);
}
