import {
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
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError } from "../../errors.ts";
import { abortWhileHeld } from "../../kit/async/while_held.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import { cleanUp } from "../../kit/async/cleanup.ts";
import { abortUpload } from "./abort_upload.ts";
import { uploadCheckedPart } from "./etag_check.ts";
import type { SpooledPart } from "./part_spool.ts";
import { newWriteId } from "./put.ts";
import type { WriteParameters } from "./write_parameters.ts";

/** An older upload is considered abandoned. */
const ABANDONED_SECONDS = 86_400;

/** By how much the age of an upload may be wrong, in seconds: the times of some services are whole seconds. */
const AGE_ERROR_SECONDS = 2;

/** Attempts to begin an upload that failed: each may have created an upload whose id was lost with the response. */
interface LostUploads {
  count: number;
  /** When the first attempt began, on the clock of `performance.now`. */
  readonly since: number;
}

/** Uploads the parts of one object, several at the same time, and publishes all of them or none. */
export class MultipartUpload {
  /** The mark of the object in its metadata; `undefined` if it needs none. */
  readonly writeId: string | undefined;
  readonly #client: S3Client;
  readonly #target: MultipartTarget;
  readonly #stop = new AbortController();
  readonly #maxConcurrency: number;
  readonly #onFailure: (reason: unknown) => void;
  readonly #progress: Pick<WriteParameters, "onProgress" | "total">;
  readonly #running = new Set<Promise<void>>();
  readonly #parts: UploadedPart[] = [];
  readonly #lost: LostUploads;
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
    lost: LostUploads,
  ) {
    this.writeId = writeId;
    this.#lost = lost;
    this.#progress = progress;
    this.#client = client;
    this.#target = { ...target, signal: abortWhileHeld(this.#stop, target.signal) };
    this.#maxConcurrency = maxConcurrency;
    this.#onFailure = onFailure;
  }

  /**
   * Begins an upload. The caller must complete or abort it.
   *
   * @param onFailure Called with the error of a part as soon as it fails: the caller should then abort the upload.
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
    const lost = { count: 0, since: performance.now() };
    const uploadId = await beginUpload(client, { ...target, checksumAlgorithm }, marked, () => void lost.count++);
    const upload = { ...target, uploadId, checksumAlgorithm, contentMd5 };
    return new MultipartUpload(client, upload, maxConcurrency, onFailure, { onProgress, total }, writeId, lost);
  }

  /** The number of bytes in the parts that were sent. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of the next part. */
  get nextPartNumber(): number {
    return this.#partNumber + 1;
  }

  /**
   * Starts to send a part as soon as fewer than `maxConcurrency` are being sent.
   *
   * @param release Called once the part will not be sent again, with whether its memory can be reused.
   * @returns Resolves once sending has started, so that a caller who waits holds at most `maxConcurrency + 1` parts.
   * @throws The error of an earlier part.
   */
  async add(body: Bytes | Blob, release?: SpooledPart["release"]): Promise<void> {
    while (this.#running.size >= this.#maxConcurrency) await Promise.race(this.#running);
    this.#throwFailure();
    if (this.#partNumber === MAX_PARTS) throw new RangeError(`Cannot upload more than ${MAX_PARTS} parts`);
    const partNumber = ++this.#partNumber;
    const bytes = body instanceof Blob ? body.size : body.byteLength;
    let isSent = true;
    const onFailedAttempt = (): void => void (isSent = false);
    const part = { ...this.#target, partNumber, body, onFailedAttempt };
    const upload = comparesETags(this.#client.settings) ? uploadCheckedPart : uploadPart;
    const sending = upload(this.#client, part).finally(() => release?.(isSent)).then((part) => {
      this.#bytes += bytes;
      this.#parts.push(part);
      this.#report(this.#progress.total);
    }).catch((reason) => {
      this.#failure ??= { reason };
      this.#onFailure(reason);
    }).finally(() => this.#running.delete(sending));
    this.#running.add(sending);
  }

  /**
   * Whether the object exists, or another upload of the key is in progress. Of two uploads that look for each other after
   * they have begun, at least one finds the other.
   *
   * Uploads that this one has left itself, as their responses were lost, do not count. Nothing but their number and age
   * distinguishes them: at worst completing the upload detects the conflict.
   */
  async isContested(): Promise<boolean> {
    const { bucket, key, uploadId, signal, parameters } = this.#target;
    const lost = this.#lost;
    let left = lost.count;
    try {
      const uploads = listUploads(this.#client, { bucket, prefix: key, headers: parameters?.all, signal });
      for await (const other of uploads) {
        const isLive = other.key === key && other.uploadId !== uploadId && !(other.ageSeconds > ABANDONED_SECONDS);
        if (!isLive) continue;
        const seconds = (performance.now() - lost.since) / 1000 + AGE_ERROR_SECONDS;
        if (!(other.ageSeconds <= seconds) || --left < 0) return true;
      }
      await headObject(this.#client, this.#target);
      return true;
    } catch (error) {
      // Without permission to list uploads (s3:ListBucketMultipartUploads), completing the upload detects the conflict.
      if (!isStorageError(error)) throw error;
      return false;
    }
  }

  /** Waits until every part is uploaded. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  /**
   * Publishes the object, after `settle`.
   *
   * @param signals The signals of this request.
   */
  async complete(
    { signal, unsentSignal }: Pick<ObjectTarget, "signal" | "unsentSignal">,
    headers: RequestHeaders,
  ): Promise<StoredVersion> {
    const upload = { ...this.#target, signal, unsentSignal };
    return await completeMultipartUpload(this.#client, { ...upload, parts: this.#parts, headers });
  }

  /** Reports the end of the upload, once the object is published. */
  reportEnd(): void {
    this.#report(this.#bytes);
  }

  #report(total: number | undefined): void {
    this.#progress.onProgress?.({ bytes: this.#bytes, parts: this.#parts.length, total });
  }

  /** Aborts the upload and deletes its parts; in the background if that takes long. */
  async abort(): Promise<void> {
    this.#stop.abort();
    await abortUpload(this.#client, this.#target, Promise.all(this.#running));
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}

/** Whether parts may be damaged on the way without an error: not every server compares them with the signed hash. */
function comparesETags({ endpointUrl, requestChecksumCalculation }: S3Client["settings"]): boolean {
  return endpointUrl?.protocol === "http:" && requestChecksumCalculation !== "when_required";
}

/**
 * Begins an upload and returns its id.
 *
 * The signal ends the wait and prevents further attempts, but does not end the current one: an upload with an unknown id
 * could not be aborted.
 *
 * @param onFailedAttempt Called after each failed attempt, which may have created an upload nevertheless.
 */
export async function beginUpload(
  client: S3Client,
  { signal, ...target }: Omit<MultipartTarget, "uploadId">,
  headers: RequestHeaders,
  onFailedAttempt?: () => void,
): Promise<string> {
  const unsentSignal = signal ?? target.unsentSignal;
  const beginning = createMultipartUpload(client, { ...target, unsentSignal, headers, onFailedAttempt });
  try {
    return await unlessAborted(signal, () => beginning);
  } catch (error) {
    await cleanUp(beginning.then((uploadId) => abortUpload(client, { ...target, uploadId })));
    throw error;
  }
}
