import type { ByteSink } from "../contract/bytes.ts";
import type { WrittenObject } from "../contract/saved_file.ts";
import { toBytes } from "../content/to_bytes.ts";
import { NEW_MODE, NOT_READ } from "./read_file.ts";

/**
 * A file opened with mode `"w"` or `"wb"`. What is written is to be seen under the name once it is closed, all of it
 * at once, and takes the place of what was there.
 *
 * Closing is what publishes: `await file.close()`, or the end of a stream that is piped to `writable`. A handle that
 * goes out of an `await using` block without that, because the block threw or forgot, publishes nothing.
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
  /** How it was opened: what tells files for writing from those for reading. */
  readonly mode: "w" = "w";
  readonly #signal: AbortSignal | undefined;
  readonly #reopen: (() => ByteSink) | undefined;
  #sink: ByteSink;
  #stopListening: () => void;
  #tail: Promise<void> = Promise.resolve();
  /** How many steps are not done. */
  #waiting = 0;
  #state: "open" | "closed" | "aborted" = "open";
  #failure: { readonly reason: unknown } | undefined;
  #givingUp: Promise<void> | undefined;
  #written = 0;
  #stored: WrittenObject | undefined;
  #writable: WritableStream<Uint8Array | string> | undefined;

  /**
   * Made by `Storage.open`.
   *
   * @param name The name it is opened by.
   * @param sink Where the bytes go.
   * @param signal Gives the file up when it is aborted.
   * @param reopen Finds where they go the next time, for `open`.
   */
  constructor(name: string, sink: ByteSink, signal?: AbortSignal, reopen?: () => ByteSink) {
    this.name = name;
    this.#signal = signal;
    this.#reopen = reopen;
    this.#sink = sink;
    this.#stopListening = this.#listen();
  }

  /** How many bytes were written so far. */
  get size(): number {
    return this.#written;
  }

  /** What was stored, once the file is closed; `undefined` before, and where the storage does not tell. */
  get stored(): WrittenObject | undefined {
    return this.#stored;
  }

  /** Whether it was closed or given up. */
  get closed(): boolean {
    return this.#state !== "open";
  }

  /**
   * Writes on; text is written as UTF-8. Once the call resolves the bytes were copied, and the caller may reuse them.
   * Calls need not be awaited one by one, but awaiting them is what keeps memory bounded.
   *
   * @param data Text or bytes.
   * @returns How many bytes it was.
   * @throws {TypeError} If it is neither, or the file is closed.
   * @throws What an earlier write failed with; nothing will be published then.
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
    // With nothing before it, it is done at once: chunks that are only copied are not waited for.
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
    written.catch(() => {}); // close tells whoever did not wait
    return written;
  }

  #count(byteLength: number): number {
    this.#written += byteLength;
    return byteLength;
  }

  /**
   * Waits for what was written so far: that it was taken over, in memory, on the disk or by S3. Nothing is to be seen of it
   * before `close`, which need not be preceded by this.
   *
   * @throws {TypeError} If the file is closed.
   * @throws What an earlier write failed with; nothing will be published then.
   */
  async flush(): Promise<void> {
    this.#refuseClosed();
    await this.#enqueue(() => Promise.resolve());
  }

  /** The file as a stream to pipe to: its end publishes the file, an abort gives it up. */
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
   * Publishes the file. Closing twice is free.
   *
   * @throws What an earlier write or the publishing failed with; nothing is published then.
   */
  async close(): Promise<void> {
    if (this.#failure !== undefined) {
      await this.#givingUp?.catch(() => {}); // nothing is left once it is told
      throw this.#failure.reason;
    }
    if (this.#state !== "open") return;
    this.#state = "closed";
    await this.#enqueue(async () => this.#stored = await this.#sink.close() ?? undefined);
    this.#stopListening();
  }

  /**
   * Gives the file up: nothing is published, nothing stays behind. Does nothing once it is closed.
   *
   * @param reason What later calls reject with.
   */
  async abort(reason: unknown = new DOMException("The file was aborted", "AbortError")): Promise<void> {
    if (this.#state === "closed" && this.#failure === undefined) return;
    await this.#giveUp(reason);
  }

  /**
   * Opens a file once more that was closed or given up: what is written from now on takes the place of the whole file.
   *
   * @param mode How it was opened: there is no other way to open it again.
   * @returns The file itself.
   * @throws {TypeError} If the file is still open: what was written is on its way, and cannot be called back.
   */
  async open(mode?: string): Promise<this> {
    if (mode !== undefined && !/^w[bt]?$/.test(mode)) throw new TypeError(NEW_MODE);
    await Promise.allSettled([this.#tail, this.#givingUp]);
    if (this.#state === "open" || this.#reopen === undefined) {
      throw new TypeError(`Cannot open '${this.name}' again: close it first`);
    }
    this.#signal?.throwIfAborted();
    this.#sink = this.#reopen();
    this.#tail = Promise.resolve();
    [this.#failure, this.#givingUp, this.#writable, this.#stored] = [undefined, undefined, undefined, undefined];
    [this.#state, this.#written] = ["open", 0];
    this.#stopListening = this.#listen();
    return this;
  }

  /** Refused: only files opened with `"r"` or `"rb"` are read. */
  read(this: never, ..._: unknown[]): Promise<never> {
    return Promise.reject(new TypeError(NOT_READ));
  }

  /** Refused: only files opened with `"r"` or `"rb"` are read. */
  readline(this: never): Promise<never> {
    return Promise.reject(new TypeError(NOT_READ));
  }

  /** Refused: only files opened with `"r"` or `"rb"` are read. */
  lines(this: never): never {
    throw new TypeError(NOT_READ);
  }

  /** Refused: only files opened with `"r"` or `"rb"` are read. */
  get readable(): never {
    throw new TypeError(NOT_READ);
  }

  /**
   * Gives the file up at the end of an `await using` block, unless it was closed. It cannot know whether the block threw,
   * and must not throw itself, which would hide the block's own error; so it says on the console that bytes were dropped.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "open" && this.#failure === undefined && this.#written > 0) {
      // deno-lint-ignore no-console -- the one place that would otherwise lose bytes without a word
      console.warn(`'${this.name}' was not stored: it was not closed`);
    }
    await this.abort().catch(() => {});
  }

  /** Gives the file up when it is told to; returns how to listen no longer. */
  #listen(): () => void {
    const sink = this.#sink;
    const stop = ({ target }: Event): void => {
      if (sink !== this.#sink) return; // that was the file before it was opened again
      this.abort((target as AbortSignal).reason).catch(() => {}); // told by the next call
    };
    for (const end of [this.#signal, sink.failed]) end?.addEventListener("abort", stop, { once: true });
    return () => this.#signal?.removeEventListener("abort", stop);
  }

  /** Runs one step after those before it. A step that fails takes the whole file with it. */
  #enqueue(step: () => Promise<unknown> | void): Promise<void> {
    this.#waiting++;
    const done = this.#tail.then(async () => {
      if (this.#failure !== undefined) throw this.#failure.reason;
      try {
        await step();
      } catch (reason) {
        await this.#giveUp(reason).catch(() => {}); // the first failure is the one to tell
        throw this.#failure!.reason;
      }
    });
    this.#tail = done.catch(() => {}).finally(() => this.#waiting--);
    return done;
  }

  /** Drops everything, once; who asks again waits for the first time. */
  #giveUp(reason: unknown): Promise<void> {
    this.#failure ??= { reason };
    this.#state = "aborted";
    this.#stopListening();
    return this.#givingUp ??= this.#sink.abort(reason);
  }

  #refuseClosed(): void {
    // A file that failed says so in its turn.
    if (this.#state !== "open" && this.#failure === undefined) {
      throw new TypeError(`Cannot write '${this.name}': the file is closed`);
    }
  }
}

/** Writes a file from its first byte to its last, and publishes it; or aborts it, if its source fails. */
export async function writeAll(
  file: WriteFile,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<WrittenObject | undefined> {
  try {
    for await (const chunk of chunks) await file.write(chunk);
    await file.close();
    return file.stored;
  } catch (error) {
    await file.abort(error).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}
