import { blobStream } from "../../runtime/blob_stream.ts";
import { onAbort } from "../../kit/async/on_abort.ts";
import type { ByteSink } from "../contract/bytes.ts";
import type { WrittenObject } from "../contract/saved_file.ts";
import { toBytes } from "../content/to_bytes.ts";
import { NEW_MODE, NOT_READ } from "./read_file.ts";

/**
 * A file opened with mode `"w"` or `"wb"`. The written bytes appear under the name when the file is closed, as a whole, and
 * replace an existing file.
 *
 * Close the file with `await file.close()`, or by piping a stream to `writable`. If an `await using` block ends without
 * closing the file, for example because it threw, nothing is published.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type WriteFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * {
 *   await using file: WriteFile = await storage.open("a.txt", "w");
 *   await file.write("storage ");
 *   await file.write(new TextEncoder().encode("contents"));
 *   await file.close();
 * }
 * assertEquals(await storage.size("a.txt"), 16);
 * ```
 */
export class WriteFile implements AsyncDisposable {
  /** The name it was opened by. */
  readonly name: string;
  /** The mode it was opened in; it distinguishes files opened for writing from those opened for reading. */
  readonly mode: "w" = "w";
  readonly #signal: AbortSignal | undefined;
  readonly #reopen: (() => ByteSink) | undefined;
  #sink: ByteSink;
  #stopListening: () => void;
  #tail: Promise<void> = Promise.resolve();
  /** The number of unfinished steps. */
  #waiting = 0;
  #state: "open" | "closed" | "aborted" = "open";
  #failure: { readonly reason: unknown } | undefined;
  #aborting: Promise<void> | undefined;
  #written = 0;
  #stored: WrittenObject | undefined;
  #writable: WritableStream<Uint8Array | string> | undefined;

  /**
   * Called by `Storage.open`.
   *
   * @param name The file's name.
   * @param sink Stores the bytes.
   * @param signal Aborts the file.
   * @param reopen Opens another sink, for `open`.
   */
  constructor(name: string, sink: ByteSink, signal?: AbortSignal, reopen?: () => ByteSink) {
    this.name = name;
    this.#signal = signal;
    this.#reopen = reopen;
    this.#sink = sink;
    this.#stopListening = this.#listen();
  }

  /** The number of bytes written so far. */
  get size(): number {
    return this.#written;
  }

  /** The stored object, once the file is closed; `undefined` before, and if the backend does not return it. */
  get stored(): WrittenObject | undefined {
    return this.#stored;
  }

  /** Whether it was closed or aborted. */
  get closed(): boolean {
    return this.#state !== "open";
  }

  /**
   * Appends data; text is written as UTF-8. The caller may reuse the bytes once the call resolves. Calls may overlap, but
   * awaiting each one keeps memory bounded.
   *
   * @param data Text or bytes.
   * @returns The number of bytes.
   * @throws {TypeError} If the data is neither text nor bytes, or the file is closed.
   * @throws The error of an earlier write; then nothing is published.
   */
  write(data: string | ArrayBuffer | ArrayBufferView): Promise<number> {
    let bytes: Uint8Array;
    try {
      bytes = toBytes(data);
      this.#refuseClosed();
    } catch (error) {
      return Promise.reject(error);
    }
    const { byteLength } = bytes;
    let step = (): Promise<void> | void => this.#sink.write(bytes);
    // Without a pending step it runs immediately, and a chunk that is only copied needs no promise.
    if (this.#waiting === 0 && this.#failure === undefined) {
      try {
        const taking = step();
        if (taking === undefined) return Promise.resolve(this.#count(byteLength));
        step = () => taking;
      } catch (error) {
        step = () => Promise.reject(error);
      }
    }
    const written = this.#enqueue(step).then(() => this.#count(byteLength));
    written.catch(() => {}); // close reports it too
    return written;
  }

  #count(byteLength: number): number {
    this.#written += byteLength;
    return byteLength;
  }

  /**
   * Waits until the bytes written so far are in memory, on disk or sent to S3. They are not visible before `close`, which
   * does not need a `flush` first.
   *
   * @throws {TypeError} If the file is closed.
   * @throws The error of an earlier write; then nothing is published.
   */
  async flush(): Promise<void> {
    this.#refuseClosed();
    await this.#enqueue(() => Promise.resolve());
  }

  /** The file as a stream to pipe to: closing the stream publishes the file, aborting it aborts the file. */
  get writable(): WritableStream<Uint8Array | string> {
    return this.#writable ??= new WritableStream({
      start: (controller) => {
        const { failed } = this.#sink;
        failed?.addEventListener("abort", () => controller.error(failed.reason), { once: true });
      },
      write: async (chunk) => void await this.write(chunk),
      close: () => this.close(),
      abort: (reason) => this.abort(reason),
    });
  }

  /**
   * Publishes the file. Further calls do nothing.
   *
   * @throws The error of an earlier write or of the publication; then nothing is published.
   */
  async close(): Promise<void> {
    if (this.#failure !== undefined) {
      await this.#aborting?.catch(() => {}); // the cleanup ends before the failure is reported
      throw this.#failure.reason;
    }
    if (this.#state !== "open") return;
    this.#state = "closed";
    await this.#enqueue(async () => this.#stored = await this.#sink.close() ?? undefined);
    this.#stopListening();
  }

  /**
   * Aborts the file: nothing is published, and the written bytes are deleted. Does nothing after the file was closed.
   *
   * @param reason The error that later calls reject with.
   */
  async abort(reason: unknown = new DOMException("The file was aborted", "AbortError")): Promise<void> {
    if (this.#state === "closed" && this.#failure === undefined) return;
    await this.#abortOnce(reason);
  }

  /**
   * Opens a closed or aborted file again, to replace the whole file.
   *
   * @param mode The mode it was opened in; it cannot change.
   * @returns The file itself.
   * @throws {TypeError} If the file is still open, as sent bytes cannot be recalled, or the mode is another one.
   */
  async open(mode?: string): Promise<this> {
    if (mode !== undefined && !/^w[bt]?$/.test(mode)) throw new TypeError(NEW_MODE);
    await Promise.allSettled([this.#tail, this.#aborting]);
    if (this.#state === "open" || this.#reopen === undefined) {
      throw new TypeError(`Cannot open '${this.name}' again: close it first`);
    }
    this.#signal?.throwIfAborted();
    this.#sink = this.#reopen();
    this.#tail = Promise.resolve();
    [this.#failure, this.#aborting, this.#writable, this.#stored] = [undefined, undefined, undefined, undefined];
    [this.#state, this.#written] = ["open", 0];
    this.#stopListening = this.#listen();
    return this;
  }

  /** Throws a TypeError: only files opened with `"r"` or `"rb"` can be read. */
  read(this: never, ..._: unknown[]): Promise<never> {
    return Promise.reject(new TypeError(NOT_READ));
  }

  /** Throws a TypeError: only files opened with `"r"` or `"rb"` can be read. */
  readline(this: never): Promise<never> {
    return Promise.reject(new TypeError(NOT_READ));
  }

  /** Throws a TypeError: only files opened with `"r"` or `"rb"` can be read. */
  lines(this: never): never {
    throw new TypeError(NOT_READ);
  }

  /** Throws a TypeError: only files opened with `"r"` or `"rb"` can be read. */
  get readable(): never {
    throw new TypeError(NOT_READ);
  }

  /**
   * Aborts the file at the end of an `await using` block, unless it was closed. It does not throw, as that would hide an
   * error of the block; if written bytes are dropped, it warns on the console.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "open" && this.#failure === undefined && this.#written > 0) {
      // deno-lint-ignore no-console -- otherwise bytes would be lost silently
      console.warn(`'${this.name}' was not stored: it was not closed`);
    }
    await this.abort().catch(() => {});
  }

  /** Aborts the file when its signal or its sink fails. Returns a function that stops listening. */
  #listen(): () => void {
    const sink = this.#sink;
    const listen = (end: AbortSignal | undefined): (() => void) | undefined =>
      end && onAbort(end, () => {
        if (sink !== this.#sink) return; // the file was opened again
        this.abort(end.reason).catch(() => {}); // the next call reports it
      });
    listen(sink.failed);
    return listen(this.#signal) ?? (() => {});
  }

  /** Runs a step after the steps before it. A failed step aborts the file. */
  #enqueue(step: () => Promise<unknown> | void): Promise<void> {
    this.#waiting++;
    const done = this.#tail.then(async () => {
      if (this.#failure !== undefined) throw this.#failure.reason;
      try {
        await step();
      } catch (reason) {
        await this.#abortOnce(reason).catch(() => {}); // the first failure is reported
        throw this.#failure!.reason;
      }
    });
    this.#tail = done.catch(() => {}).finally(() => this.#waiting--);
    return done;
  }

  /** Aborts the sink once; further calls wait for the first. */
  async #abortOnce(reason: unknown): Promise<void> {
    this.#failure ??= { reason };
    this.#state = "aborted";
    this.#stopListening();
    await (this.#aborting ??= this.#sink.abort(reason));
  }

  #refuseClosed(): void {
    // A failed file reports its failure instead.
    if (this.#state !== "open" && this.#failure === undefined) {
      throw new TypeError(`Cannot write '${this.name}': the file is closed`);
    }
  }
}

/** Writes bytes to a file and publishes it, or aborts it if the source fails. */
export async function writeAll(
  file: WriteFile,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | Blob,
): Promise<WrittenObject | undefined> {
  try {
    for await (const chunk of source instanceof Blob ? blobStream(source) : source) await file.write(chunk);
    await file.close();
    return file.stored;
  } catch (error) {
    await file.abort(error).catch(() => {}); // the first error is reported
    throw error;
  }
}
