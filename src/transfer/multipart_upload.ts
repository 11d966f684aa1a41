import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  type UploadedPart,
  uploadPart,
} from "../client/multipart.ts";
import type { ObjectTarget } from "../client/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { anySignal } from "../kit/any_signal.ts";
import type { Bytes } from "../kit/bytes.ts";
import { unlessAborted } from "../kit/unless_aborted.ts";
import { tidyUp } from "../kit/tidy_up.ts";
import { MAX_PARTS } from "./part_size.ts";

/** Sends the parts of one object, several at once, and publishes them together or not at all. */
export class MultipartUpload {
  readonly #client: S3Client;
  readonly #target: ObjectTarget & { readonly uploadId: string };
  readonly #stop = new AbortController();
  readonly #maxConcurrency: number;
  readonly #underWay = new Set<Promise<void>>();
  readonly #parts: UploadedPart[] = [];
  #partNumber = 0;
  #failure: { readonly reason: unknown } | undefined;

  private constructor(client: S3Client, target: ObjectTarget, uploadId: string, maxConcurrency: number) {
    this.#client = client;
    const signal = anySignal(target.signal, this.#stop.signal);
    this.#target = { bucket: target.bucket, key: target.key, uploadId, signal };
    this.#maxConcurrency = maxConcurrency;
  }

  /**
   * Begins an upload. Whoever begins one must complete or abort it.
   *
   * The signal ends the wait, not the request: an upload that begins unseen could not be removed.
   */
  static async begin(
    client: S3Client,
    target: ObjectTarget,
    headers: Readonly<Record<string, string | undefined>>,
    maxConcurrency: number,
  ): Promise<MultipartUpload> {
    const { bucket, key, signal } = target;
    const beginning = createMultipartUpload(client, { bucket, key, headers });
    try {
      return new MultipartUpload(client, target, await unlessAborted(signal, () => beginning), maxConcurrency);
    } catch (error) {
      await tidyUp(beginning.then((uploadId) => abortMultipartUpload(client, { bucket, key, uploadId })));
      throw error;
    }
  }

  /** The number that the next part will have. */
  get nextPartNumber(): number {
    return this.#partNumber + 1;
  }

  /**
   * Starts to send a part, as soon as there is room for one more.
   *
   * @param release Called once the part need not be sent again.
   * @returns When it is under way: whoever waits for this never holds more than `maxConcurrency + 1` parts.
   * @throws What an earlier part failed with.
   */
  async add(body: Bytes | Blob, release?: () => Promise<void>): Promise<void> {
    while (this.#underWay.size >= this.#maxConcurrency) await Promise.race(this.#underWay);
    this.#throwFailure();
    if (this.#partNumber === MAX_PARTS) throw new RangeError(`An upload has at most ${MAX_PARTS} parts`);
    const partNumber = ++this.#partNumber;
    const sending = uploadPart(this.#client, { ...this.#target, partNumber, body }).finally(release).then(
      (part) => void this.#parts.push(part),
      (reason) => void (this.#failure ??= { reason }),
    ).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /** Waits for every part, then publishes the object. */
  async complete(headers: Readonly<Record<string, string | undefined>>): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
    await completeMultipartUpload(this.#client, { ...this.#target, parts: this.#parts, headers });
  }

  /** Stops what is under way and removes what has arrived; in the background, where that takes long. */
  async abort(): Promise<void> {
    this.#stop.abort();
    const { bucket, key, uploadId } = this.#target;
    // A part that arrives after the abort would stay behind.
    const parts = Promise.all(this.#underWay);
    await tidyUp(parts.then(() => abortMultipartUpload(this.#client, { bucket, key, uploadId })));
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}
