import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  MAX_PARTS,
  type MultipartTarget,
  type UploadedPart,
  uploadPart,
} from "../../client/operations/multipart.ts";
import { listUploads } from "../../client/operations/list_uploads.ts";
import { headObject, type ObjectTarget, type StoredVersion, WRITE_ID } from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import { isPassing } from "../../client/retry.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError } from "../../errors.ts";
import { anySignal } from "../../kit/async/any_signal.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import { cleanUp } from "../../kit/async/cleanup.ts";
import type { SpooledPart } from "./part_spool.ts";
import { newWriteId } from "./put.ts";
import type { WriteParameters } from "./write_parameters.ts";

/** An upload that began so long ago is taken for one that nobody will complete. */
const FORGOTTEN_SECONDS = 86_400;

/** Sends the parts of one object, several at once, and publishes them together or not at all. */
export class MultipartUpload {
  /** The mark that the object will have in its metadata; `undefined` where it needs none. */
  readonly writeId: string | undefined;
  readonly #client: S3Client;
  readonly #target: MultipartTarget;
  readonly #stop = new AbortController();
  readonly #maxConcurrency: number;
  readonly #onFailure: (reason: unknown) => void;
  readonly #progress: Pick<WriteParameters, "onProgress" | "total">;
  readonly #underWay = new Set<Promise<void>>();
  readonly #parts: UploadedPart[] = [];
  #partNumber = 0;
  #bytes = 0;
  #failure: { readonly reason: unknown } | undefined;

  private constructor(
    client: S3Client,
    target: MultipartTarget,
    maxConcurrency: number,
    onFailure: (reason: unknown) => void,
    progress: Pick<WriteParameters, "onProgress" | "total">,
    writeId: string | undefined,
  ) {
    this.writeId = writeId;
    this.#progress = progress;
    this.#client = client;
    this.#target = { ...target, signal: anySignal(target.signal, this.#stop.signal) };
    this.#maxConcurrency = maxConcurrency;
    this.#onFailure = onFailure;
  }

  /**
   * Begins an upload. Whoever begins one must complete or abort it.
   *
   * @param onFailure Told what a part failed with, before anybody asks: the upload is to be aborted.
   */
  static async begin(
    client: S3Client,
    target: ObjectTarget,
    parameters: WriteParameters,
    maxConcurrency: number,
    onFailure: (reason: unknown) => void = () => {},
  ): Promise<MultipartUpload> {
    const { headers, checksumAlgorithm, contentMd5, onProgress, total } = parameters;
    const writeId = newWriteId(parameters);
    const marked = { ...headers, [WRITE_ID]: writeId };
    const uploadId = await beginUpload(client, { ...target, checksumAlgorithm }, marked);
    const upload = { ...target, uploadId, checksumAlgorithm, contentMd5 };
    return new MultipartUpload(client, upload, maxConcurrency, onFailure, { onProgress, total }, writeId);
  }

  /** The number that the next part will have. */
  get nextPartNumber(): number {
    return this.#partNumber + 1;
  }

  /**
   * Starts to send a part, as soon as there is room for one more.
   *
   * @param release Called once the part need not be sent again, with whether nothing of it can still be on its way.
   * @returns When it is under way: whoever waits for this never holds more than `maxConcurrency + 1` parts.
   * @throws What an earlier part failed with.
   */
  async add(body: Bytes | Blob, release?: SpooledPart["release"]): Promise<void> {
    while (this.#underWay.size >= this.#maxConcurrency) await Promise.race(this.#underWay);
    this.#throwFailure();
    if (this.#partNumber === MAX_PARTS) throw new RangeError(`An upload has at most ${MAX_PARTS} parts`);
    const partNumber = ++this.#partNumber;
    const bytes = body instanceof Blob ? body.size : body.byteLength;
    let isSent = true;
    const onFailedTry = (): void => void (isSent = false);
    const part = { ...this.#target, partNumber, body, onFailedTry };
    const sending = uploadPart(this.#client, part).finally(() => release?.(isSent)).then((part) => {
      this.#bytes += bytes;
      this.#parts.push(part);
      this.#report(this.#progress.total);
    }).catch((reason) => {
      this.#failure ??= { reason };
      this.#onFailure(reason);
    }).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /**
   * Whether the key is taken, or another upload of it is under way. Of two uploads that look for each other after they have
   * begun, at least one finds the other.
   */
  async isContested(): Promise<boolean> {
    const { bucket, key, uploadId, signal, parameters } = this.#target;
    try {
      const uploads = listUploads(this.#client, { bucket, prefix: key, headers: parameters?.all, signal });
      for await (const other of uploads) {
        const isLive = other.key === key && other.uploadId !== uploadId && !(other.ageSeconds > FORGOTTEN_SECONDS);
        if (isLive) return true;
      }
      await headObject(this.#client, this.#target);
      return true;
    } catch (error) {
      // Who cannot list uploads (s3:ListBucketMultipartUploads) finds out when the upload is completed.
      if (!isStorageError(error)) throw error;
      return false;
    }
  }

  /** Waits for every part. */
  async arrive(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  /**
   * Publishes the object, once every part has arrived.
   *
   * @param signals Those of this request.
   */
  async complete(
    { signal, unsentSignal }: Pick<ObjectTarget, "signal" | "unsentSignal">,
    headers: RequestHeaders,
  ): Promise<StoredVersion> {
    const upload = { ...this.#target, signal, unsentSignal };
    return await completeMultipartUpload(this.#client, { ...upload, parts: this.#parts, headers });
  }

  /** Reports that all has come, once the object is published. */
  reportEnd(): void {
    this.#report(this.#bytes);
  }

  #report(total: number | undefined): void {
    this.#progress.onProgress?.({ bytes: this.#bytes, parts: this.#parts.length, total });
  }

  /** Stops what is under way and removes what has arrived; in the background, where that takes long. */
  async abort(): Promise<void> {
    this.#stop.abort();
    const { signal: _, ...target } = this.#target;
    // A part that arrives after the abort would stay behind.
    const parts = Promise.all(this.#underWay);
    await cleanUp(parts.then(() => abortForGood(this.#client, target)));
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}

/** Aborts an upload; once more, if all tries of the request failed for a reason that passes: nobody else would. */
async function abortForGood(client: S3Client, target: MultipartTarget): Promise<void> {
  try {
    await abortMultipartUpload(client, target);
  } catch (error) {
    if (!isStorageError(error) || !isPassing(error)) throw error;
    await abortMultipartUpload(client, target);
  }
}

/**
 * Begins an upload, and returns its id.
 *
 * The signal ends the wait, not the request: an upload that begins unseen could not be removed.
 */
export async function beginUpload(
  client: S3Client,
  { signal, ...target }: Omit<MultipartTarget, "uploadId">,
  headers: RequestHeaders,
): Promise<string> {
  const beginning = createMultipartUpload(client, { ...target, headers });
  try {
    return await unlessAborted(signal, () => beginning);
  } catch (error) {
    await cleanUp(beginning.then((uploadId) => abortForGood(client, { ...target, uploadId })));
    throw error;
  }
}
