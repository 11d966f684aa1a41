import type { Bytes } from "../../kit/bytes/bytes.ts";
import { TempFile } from "../../runtime/files/temp_file.ts";
import { PartBuffer } from "./part_buffer.ts";

/** Less than this is not worth a write to the disk. */
const LEAST_MEMORY_BYTES = 64 * 1024;

/** A part, ready to be sent. */
export interface SpooledPart {
  readonly body: Bytes | Blob;
  /**
   * To be called once it need not be sent again.
   *
   * @param isSent Whether nothing of it can still be on its way: only then its memory is used again.
   */
  release(isSent: boolean): Promise<void>;
}

/** Collects the bytes of a part in memory, and puts them into a temporary file when they are too many. */
export class PartSpool {
  readonly #memory = new PartBuffer();
  #maxMemoryBytes: number;
  /** Where the part that is being collected begins. */
  #file: TempFile | undefined;
  /** All there are, also those that are being sent. */
  readonly #files = new Set<TempFile>();

  /** @param maxMemorySize The most bytes in memory; 0 for no limit. */
  constructor(maxMemorySize: number) {
    this.#maxMemoryBytes = maxMemorySize === 0 ? Infinity : Math.max(maxMemorySize, LEAST_MEMORY_BYTES);
  }

  /** Keeps no more than so many bytes in memory from now on, beside what is there already. */
  limitMemory(bytes: number): void {
    this.#maxMemoryBytes = Math.min(this.#maxMemoryBytes, Math.max(bytes, this.#memory.length));
  }

  /** How many bytes of the part there are. */
  get length(): number {
    return (this.#file?.size ?? 0) + this.#memory.length;
  }

  /** Copies the bytes in, if there is room for more than them in memory; returns whether it did. */
  appendNow(chunk: Uint8Array, limit: number): boolean {
    const most = Math.min(limit - (this.#file?.size ?? 0), this.#maxMemoryBytes);
    if (this.#memory.length + chunk.byteLength >= most) return false;
    this.#memory.append(chunk, most);
    return true;
  }

  /** Copies bytes in until it has `limit` of them; returns how many it took, at least one. */
  async append(chunk: Uint8Array, limit: number): Promise<number> {
    if (this.#memory.length === this.#maxMemoryBytes) await this.#spill();
    return this.#memory.append(chunk, Math.min(limit - (this.#file?.size ?? 0), this.#maxMemoryBytes));
  }

  /** Hands out what it has, and starts anew. */
  async take(): Promise<SpooledPart> {
    if (this.#file === undefined) {
      const body = this.#memory.take();
      let isHeld = true;
      const release = (isSent: boolean): Promise<void> => {
        if (isSent && isHeld) this.#memory.giveBack(body);
        isHeld = false;
        return Promise.resolve();
      };
      return { body, release };
    }
    await this.#spill();
    const file = this.#file;
    this.#file = undefined;
    return { body: file.blob(), release: () => this.#close(file) };
  }

  /** Drops everything, also the parts that were handed out. */
  async discard(): Promise<void> {
    this.#memory.take();
    this.#file = undefined;
    await Promise.all([...this.#files].map((file) => this.#close(file)));
  }

  async #spill(): Promise<void> {
    const file = this.#file ??= await TempFile.create();
    this.#files.add(file);
    await this.#memory.drain((bytes) => file.append(bytes));
  }

  async #close(file: TempFile): Promise<void> {
    if (this.#files.delete(file)) await file.close();
  }
}
