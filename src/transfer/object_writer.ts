import type { ObjectTarget } from "../client/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { anySignal } from "../kit/any_signal.ts";
import { hasTempFiles } from "../runtime/temp_file.ts";
import type { MultipartUpload } from "./multipart_upload.ts";
import { PartSpool } from "./part_spool.ts";
import { MIN_PART_BYTES, partSizeAt, partSizeForLength } from "./part_size.ts";
import { putWhole, refuseExisting, writeObject, type WriteParameters } from "./put.ts";

/** How content is cut into parts; all in bytes but the last. */
export interface PartPlan {
  readonly multipartThreshold: number;
  readonly partSize: number;
  readonly maxConcurrency: number;
  /** Bytes of a part that wait in memory before a temporary file takes them; 0: all of them. */
  readonly maxMemorySize?: number;
}

/**
 * Writes an object whose length nobody knows yet: what ends below the threshold goes up in one request, the rest in
 * parts, as the bytes arrive. Nothing is to be seen under the key before `close`, and nothing stays behind after
 * `abort` or a failure.
 *
 * Calls of `write` and `close` must not overlap; `abort` may come at any time.
 */
export class ObjectWriter {
  readonly #client: S3Client;
  readonly #target: ObjectTarget;
  readonly #parameters: WriteParameters;
  readonly #plan: PartPlan;
  readonly #stop = new AbortController();
  readonly #failure = new AbortController();
  readonly #spool: PartSpool;
  #upload: MultipartUpload | undefined;
  /** The call under way. */
  #busy: Promise<void> = Promise.resolve();

  constructor(client: S3Client, target: ObjectTarget, parameters: WriteParameters, plan: PartPlan) {
    this.#client = client;
    this.#target = { ...target, signal: anySignal(target.signal, this.#stop.signal) };
    this.#parameters = parameters;
    const { maxMemorySize = 0 } = plan;
    const isOnDisk = maxMemorySize > 0 && hasTempFiles();
    this.#plan = isOnDisk ? plan : withinMemory(plan);
    this.#spool = new PartSpool(isOnDisk ? maxMemorySize : 0);
  }

  /** Aborted as soon as a part has failed: its source may have nothing to say for a long time. */
  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  /** Takes bytes; they are copied. Waits while as many parts are under way as may be, else not at all. */
  write(chunk: Uint8Array): Promise<void> | void {
    this.#target.signal?.throwIfAborted();
    if (!this.#spool.appendNow(chunk, this.#limit)) return this.#busy = this.#write(chunk);
  }

  /** Publishes the object. */
  close(): Promise<void> {
    return this.#busy = this.#close();
  }

  /** Gives the object up: stops the call under way, and removes what has arrived. */
  async abort(reason?: unknown): Promise<void> {
    this.#stop.abort(reason);
    await this.#busy.catch(() => {});
    await this.#upload?.abort();
    await this.#spool.discard();
  }

  async #write(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.byteLength;) {
      this.#target.signal?.throwIfAborted();
      offset += await this.#spool.append(chunk.subarray(offset), this.#limit);
      if (this.#spool.length === this.#limit) await this.#sendPart();
    }
  }

  async #close(): Promise<void> {
    if (this.#upload === undefined) {
      const { body, release } = await this.#spool.take();
      return await putWhole(this.#client, this.#target, this.#parameters, body).finally(() => release(false));
    }
    if (this.#spool.length > 0) await this.#sendPart();
    await completeUpload(this.#client, this.#target, this.#parameters, this.#upload);
  }

  /** How many bytes are collected before they are sent. */
  get #limit(): number {
    if (this.#upload !== undefined) return partSizeAt(this.#upload.nextPartNumber, this.#plan.partSize);
    // The first part may be larger than the others, never smaller: S3 takes no small part but the last.
    return Math.max(this.#plan.multipartThreshold, this.#plan.partSize);
  }

  async #sendPart(): Promise<void> {
    this.#upload ??= await beginUpload(
      this.#client,
      this.#target,
      this.#parameters,
      this.#plan.maxConcurrency,
      (reason) => this.#failure.abort(reason),
    );
    const { body, release } = await this.#spool.take();
    await this.#upload.add(body, release);
  }
}

/** The plan where there is no disk: parts small enough for the memory they may take, as far as S3 lets them be. */
function withinMemory({ maxMemorySize = 0, ...plan }: PartPlan): PartPlan {
  if (maxMemorySize === 0) return plan;
  const most = Math.max(maxMemorySize, MIN_PART_BYTES);
  const { multipartThreshold, partSize } = plan;
  return { ...plan, multipartThreshold: Math.min(multipartThreshold, most), partSize: Math.min(partSize, most) };
}

/** Writes an object from a Blob or an array, without copying it. */
export async function writeWhole(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  plan: PartPlan,
  body: Blob | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const length = body instanceof Blob ? body.size : body.byteLength;
  if (length < plan.multipartThreshold) return await putWhole(client, target, parameters, body);
  const upload = await beginUpload(client, target, { ...parameters, total: length }, plan.maxConcurrency);
  try {
    const partSize = partSizeForLength(length, plan.partSize);
    for (let start = 0; start < length; start += partSize) {
      const end = Math.min(start + partSize, length);
      await upload.add(body instanceof Blob ? body.slice(start, end) : body.subarray(start, end));
    }
    await completeUpload(client, target, parameters, upload);
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

/** Loaded on demand: most objects are small. */
async function beginUpload(...of: Parameters<typeof MultipartUpload.begin>): Promise<MultipartUpload> {
  return await (await import("./multipart_upload.ts")).MultipartUpload.begin(...of);
}

async function completeUpload(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  upload: MultipartUpload,
): Promise<void> {
  // Some services heed conditions on a PUT and ignore them here.
  const { overwrite, conditions } = parameters;
  if (!overwrite) await refuseExisting(client, target);
  if (conditions !== undefined) {
    await (await import("./write_conditions.ts")).refuseUnlessHolding(client, target, conditions);
  }
  await writeObject(client, target, overwrite, (condition) => upload.complete({ ...condition, ...conditions }));
  upload.tellEnd();
}
