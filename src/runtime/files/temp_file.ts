import { DiskError } from "../../errors.ts";
import { PieceBlob } from "../transport/fetch_body.ts";
import type { TempBytes } from "../machine.ts";
import { findFs, type NodeFs } from "./node_fs.ts";
import { tempFolder } from "./temp_folder.ts";

/** Closes files that were garbage-collected. */
let abandoned: FinalizationRegistry<number> | undefined;

/**
 * A temporary file. It has no name, so nothing of it remains once it is closed or the process ends, however it ends.
 *
 * It is created and unlinked without returning to the event loop in between: an asynchronous `open` would leave the file behind
 * if the process ended before the result arrived. So it is kept by its descriptor, as a `FileHandle` cannot be made of one.
 */
export class TempFile implements TempBytes {
  readonly #fs: NodeFs;
  readonly #fd: number;
  readonly #folder: string;
  #size = 0;
  #isClosed = false;
  /** Reads and writes in progress: the descriptor is closed after them, as its number is then given to other files. */
  readonly #pending = new Set<Promise<unknown>>();

  private constructor(fs: NodeFs, fd: number, folder: string) {
    this.#fs = fs;
    this.#fd = fd;
    this.#folder = folder;
    abandoned ??= new FinalizationRegistry((fd) => fs.close(fd, () => {})); // an error could not be caught
    abandoned.register(this, fd, this);
  }

  /** @throws {DiskError} If the file cannot be created. */
  static create(): Promise<TempFile> {
    return Promise.resolve().then(() => TempFile.#create(findFs()!, tempFolder()));
  }

  static #create(fs: NodeFs, folder: string): TempFile {
    const path = `${folder}/storages-${crypto.randomUUID()}`;
    let fd: number | undefined;
    try {
      fd = fs.openSync(path, "wx+", 0o600);
      fs.unlinkSync(path);
      return new TempFile(fs, fd, folder);
    } catch (error) {
      if (fd !== undefined) fs.closeSync(fd);
      throw failure("create", folder, error);
    }
  }

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  /** Appends bytes. After a failure the size is unchanged, and the next call overwrites the written bytes. */
  async append(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.byteLength;) {
      offset += await this.#transfer("write", bytes, offset, this.#size + offset);
    }
    this.#size += bytes.byteLength;
  }

  /** Reads the bytes from `start` to `end`, or to the end of the file. */
  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.#size) - start));
    for (let offset = 0; offset < bytes.byteLength;) {
      const length = await this.#transfer("read", bytes, offset, start + offset);
      if (length === 0) throw new DiskError(`A temporary file in '${this.#folder}' was truncated`);
      offset += length;
    }
    return bytes;
  }

  /** The content as a body for `fetch`, which may be sent several times until the file is closed. */
  blob(): Blob {
    return new PieceBlob(this.size, (start, end) => this.read(start, end));
  }

  /** Closes the file, which frees its space. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    abandoned?.unregister(this);
    await Promise.allSettled(this.#pending);
    // Frees the space of the file, which takes time.
    await new Promise<void>((resolve, reject) => {
      this.#fs.close(this.#fd, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Reads or writes some of the bytes from `offset` on; returns how many. */
  async #transfer(call: "read" | "write", bytes: Uint8Array, offset: number, position: number): Promise<number> {
    if (this.#isClosed) throw new Error("A temporary file was closed");
    const transfer = new Promise<number>((resolve, reject) => {
      this.#fs[call](this.#fd, bytes, offset, bytes.byteLength - offset, position, (error, length) => {
        if (error) reject(error);
        else resolve(length);
      });
    });
    this.#pending.add(transfer);
    try {
      return await transfer;
    } catch (error) {
      throw failure(call, this.#folder, error);
    } finally {
      this.#pending.delete(transfer);
    }
  }
}

/** The error for a failed call; the message of the system begins with its code. */
function failure(call: string, folder: string, cause: unknown): DiskError {
  const { message } = cause as Error;
  const advice = /too many/.test(message) ? "" : ". Set FILE_UPLOAD_TEMP_DIR to a folder with space and permission";
  return new DiskError(`Cannot ${call} a temporary file in '${folder}': ${message}${advice}`, { cause });
}
