import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { abortWhileHeld } from "../../kit/async/while_held.ts";
import { machine } from "../../runtime/detect.ts";
import type { MultipartUpload } from "./multipart_upload.ts";
import { PartSpool } from "./part_spool.ts";
import { MAX_PUT_BYTES, MIN_PART_BYTES, partSizeAt } from "./part_size.ts";
import { putWhole } from "./put.ts";
import type { PartPlan, WriteParameters, WrittenVersion } from "./write_parameters.ts";

/**
 * Writes an object of unknown length: in one request if it ends below the threshold, otherwise in parts while the bytes
 * arrive. The object becomes visible only with `close`, and nothing remains stored after `abort` or a failure.
 *
 * Calls of `write` and `close` must not overlap; `abort` may come at any time.
 */
export class ObjectWriter {
  readonly #client: S3Client;
  #target: ObjectTarget;
  readonly #parameters: WriteParameters;
  readonly #plan: PartPlan;
  readonly #stop = new AbortController();
  readonly #failure = new AbortController();
  readonly #spool: PartSpool;
  #upload: MultipartUpload | undefined;
  /** Whether the object is uploaded in one request, whatever its size. */
  #isWhole = false;
  /** The current call. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(client: S3Client, target: ObjectTarget, parameters: WriteParameters, plan: PartPlan) {
    this.#client = client;
    this.#target = { ...target, signal: abortWhileHeld(this.#stop, target.signal) };
    this.#parameters = parameters;
    const { maxMemorySize = 0 } = plan;
    const isOnDisk = maxMemorySize > 0 && machine.hasTempFiles();
    this.#plan = isOnDisk ? plan : withinMemory(plan);
    this.#spool = new PartSpool(isOnDisk ? maxMemorySize : 0);
  }

  /** Aborted as soon as a part fails, even while the source of the bytes is idle. */
  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  /** Writes a copy of the bytes. Waits only while the maximum number of parts is being sent. */
  write(chunk: Uint8Array): Promise<void> | void {
    this.#target.signal?.throwIfAborted();
    if (this.#spool.appendNow(chunk, this.#limit)) return;
    const writing = this.#write(chunk);
    this.#busy = writing;
    return writing;
  }

  /** Publishes the object. */
  close(): Promise<WrittenVersion> {
    const closing = this.#close();
    this.#busy = closing;
    return closing;
  }

  /** Aborts the object: stops the current call and deletes uploaded parts. */
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

  async #close(): Promise<WrittenVersion> {
    if (this.#upload === undefined) {
      const { body, release } = await this.#spool.take();
      return await putWhole(this.#client, this.#target, this.#parameters, body).finally(() => release(false));
    }
    if (this.#spool.length > 0) await this.#sendPart();
    return await (await largeWrite()).completeUpload(this.#client, this.#target, this.#parameters, this.#upload);
  }

  /** The number of bytes to collect before they are sent. */
  get #limit(): number {
    if (this.#isWhole) return MAX_PUT_BYTES;
    if (this.#upload !== undefined) return partSizeAt(this.#upload.nextPartNumber, this.#plan.partSize);
    // The first part may be larger than the others, never smaller: S3 accepts only a last part that is small.
    return Math.max(this.#plan.multipartThreshold, this.#plan.partSize);
  }

  async #sendPart(): Promise<void> {
    this.#upload ??= await this.#beginUpload();
    if (this.#upload === undefined) return;
    const { body, release } = await this.#spool.take();
    await this.#upload.add(body, release);
  }

  /** Begins a multipart upload; `undefined` if the object has to be uploaded in one request. */
  async #beginUpload(): Promise<MultipartUpload | undefined> {
    const { beginLargeWrite } = await largeWrite();
    const { maxConcurrency, multipartThreshold } = this.#plan;
    const begun = await beginLargeWrite(this.#client, this.#target, this.#parameters, {
      maxConcurrency,
      onFailure: (reason) => this.#failure.abort(reason),
      mayBeWhole: !this.#isWhole && machine.hasTempFiles(),
    });
    if (begun === undefined) {
      this.#isWhole = true;
      this.#spool.limitMemory(multipartThreshold);
      return undefined;
    }
    this.#target = begun.target;
    return begun.upload;
  }
}

/** Adapts the plan to runtimes without a disk: parts that fit the memory limit, as far as S3 allows. */
function withinMemory({ maxMemorySize = 0, ...plan }: PartPlan): PartPlan {
  if (maxMemorySize === 0) return plan;
  const most = Math.max(maxMemorySize, MIN_PART_BYTES);
  const { multipartThreshold, partSize } = plan;
  return { ...plan, multipartThreshold: Math.min(multipartThreshold, most), partSize: Math.min(partSize, most) };
}

/** Loaded on demand: most objects are small. */
const largeWrite = (): Promise<typeof import("./large_write.ts")> => import("./large_write.ts");
