import type { Bytes } from "../../kit/bytes/bytes.ts";
import { machine } from "../../runtime/detect.ts";
import type { TempBytes } from "../../runtime/machine.ts";
import { PartBuffer } from "./part_buffer.ts";

/** The least memory limit: fewer bytes are not worth a write to the disk. */
const MIN_MEMORY_BYTES = 64 * 1024;

/** A complete part. */
export interface SpooledPart {
  readonly body: Bytes | Blob;
  /**
   * Frees the part; to be called once it will not be sent again.
   *
   * @param isSent Whether the runtime has certainly finished sending it: only then its memory is reused.
   */
  release(isSent: boolean): Promise<void>;
}

/** Collects the bytes of a part in memory, and in a temporary file beyond the memory limit. */
export class PartSpool {
  readonly #memory = new PartBuffer();
  #maxMemoryBytes: number;
  /** The first bytes of the current part. */
  #file: TempBytes | undefined;
  /** All open files, including those of parts that are being sent. */
  readonly #files = new Set<TempBytes>();

  /** @param maxMemorySize The memory limit in bytes; 0 for none. */
  constructor(maxMemorySize: number) {
    this.#maxMemoryBytes = maxMemorySize === 0 ? Infinity : Math.max(maxMemorySize, MIN_MEMORY_BYTES);
  }

  /** Lowers the memory limit, though not below the bytes that are in memory already. */
  limitMemory(bytes: number): void {
    this.#maxMemoryBytes = Math.min(this.#maxMemoryBytes, Math.max(bytes, this.#memory.length));
  }

  /** The number of bytes of the current part. */
  get length(): number {
    return (this.#file?.size ?? 0) + this.#memory.length;
  }

  /** Copies the bytes if they fit into memory and do not complete the part; returns whether it did. */
  appendNow(chunk: Uint8Array, limit: number): boolean {
    const most = Math.min(limit - (this.#file?.size ?? 0), this.#maxMemoryBytes);
    if (this.#memory.length + chunk.byteLength >= most) return false;
    this.#memory.append(chunk, most);
    return true;
  }

  /** Copies bytes until the part has `limit` of them; returns the number of bytes copied, at least 1. */
  async append(chunk: Uint8Array, limit: number): Promise<number> {
    if (this.#memory.length === this.#maxMemoryBytes) await this.#spill();
    return this.#memory.append(chunk, Math.min(limit - (this.#file?.size ?? 0), this.#maxMemoryBytes));
  }

  /** Returns the part and starts the next one. */
  async take(): Promise<SpooledPart> {
    if (this.#file === undefined) {
      const body = this.#memory.take();
      let isInUse = true;
      const release = (isSent: boolean): Promise<void> => {
        if (isSent && isInUse) this.#memory.recycle(body);
        isInUse = false;
        return Promise.resolve();
      };
      return { body, release };
    }
    await this.#spill();
    const file = this.#file;
    this.#file = undefined;
    return { body: file.blob(), release: () => this.#close(file) };
  }

  /** Discards all bytes, including parts that were returned. */
  async discard(): Promise<void> {
    this.#memory.take();
    this.#file = undefined;
    await Promise.all([...this.#files].map((file) => this.#close(file)));
  }

  async #spill(): Promise<void> {
    const file = this.#file ??= await (await machine.load()).createTempFile();
    this.#files.add(file);
    await this.#memory.drain((bytes) => file.append(bytes));
  }

  async #close(file: TempBytes): Promise<void> {
    if (this.#files.delete(file)) await file.close();
  }
}
