import { abortWith } from "../kit/async/on_abort.ts";
import { RepeatedDeadline, setDeadline } from "../runtime/deadlines.ts";
import type { StreamChunk } from "../runtime/stream_reader.ts";
import { UploadError } from "./upload_error.ts";

/** How long a form may take, in seconds; `Infinity` for any time. */
export interface TimeLimits {
  /** The longest wait for a byte of the form. */
  readonly idleTimeout: number;
  /** The longest time until the form is read and its files are stored. */
  readonly totalTimeout: number;
}

/**
 * The default limits.
 *
 * Source: 60 seconds between two reads are nginx's `client_body_timeout`. In two hours a client that sends 150 kB/s, the
 * uplink of a slow DSL line, has sent 1 GiB, the default of `maxTotalBytes`.
 */
export const TIME_LIMITS: TimeLimits = { idleTimeout: 60, totalTimeout: 7200 };

/** Aborts a form that takes too long. Call `end` after the form, whatever its result. */
export class FormClock {
  readonly #stop = new AbortController();
  readonly #end: (() => void)[] = [];
  readonly #idle: RepeatedDeadline | undefined;
  #expired: UploadError | undefined;
  #isIdle = false;

  /** @param signal The caller's signal, which aborts the form too. */
  constructor({ idleTimeout, totalTimeout }: TimeLimits, signal: AbortSignal | undefined) {
    if (idleTimeout < Infinity) {
      this.#idle = new RepeatedDeadline(idleTimeout, () => {
        this.#isIdle = true;
        this.#expire(`no bytes arrived for ${idleTimeout} seconds`);
      });
    }
    if (totalTimeout < Infinity) {
      this.#end.push(setDeadline(totalTimeout, () => this.#expire(`it took longer than ${totalTimeout} seconds`)));
    }
    this.#end.push(abortWith(this.#stop, signal));
  }

  /** Aborted when a limit is exceeded, or by the caller. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The error for the limit that was exceeded. */
  get expired(): UploadError | undefined {
    return this.#expired;
  }

  /** Whether the client sent nothing for too long. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /**
   * Waits for bytes of the client. Only these waits count as idle: between them the storage is writing, and the client may
   * not send.
   *
   * @param read Reads the next chunk. An empty one is no byte.
   */
  async read(
    read: () => Promise<StreamChunk>,
  ): Promise<StreamChunk> {
    this.#idle?.begin();
    try {
      for (;;) {
        const result = await read();
        if (result.value?.byteLength !== 0) return result;
      }
    } finally {
      this.#idle?.rest();
    }
  }

  /** Ends all limits. */
  end(): void {
    this.#idle?.end();
    for (const end of this.#end.splice(0)) end();
  }

  #expire(reason: string): void {
    if (this.#stop.signal.aborted) return;
    this.#expired = new UploadError("Timeout", `Cannot read form: ${reason}`);
    this.#stop.abort(this.#expired);
  }
}
