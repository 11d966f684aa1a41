import { unlessAborted } from "../kit/async/unless_aborted.ts";
import { type FormEvent, FormParser, type PartLimits } from "./form_parser.ts";
import { UploadError } from "./upload_error.ts";

/**
 * How much of a form that failed is still read. A client that is answered while it sends may be cut off before it reads the
 * answer; this much it may have been about to send anyway.
 */
const LINGER_BYTES = 16 * 1024 ** 2;

/** How long: one that sends nothing more gets its answer too. */
const LINGER_MILLISECONDS = 10_000;

/** A boundary of more than 70 characters, which RFC 2046, section 5.1.1 forbids. */
const LONG_BOUNDARY = /boundary="?[^";]{71}/i;

/** How much a form may have. */
export interface FormLimits extends PartLimits {
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
}

/** A part of a form, in the order they come. */
export type FormPart =
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  | {
    readonly kind: "file";
    readonly name: string;
    readonly fileName: string;
    /** The Content-Type of the part as the client wrote it; empty where it wrote none. */
    readonly contentType: string;
    /** The file's bytes; what is not read of them before the next part is skipped. */
    readonly chunks: AsyncIterable<Uint8Array>;
  };

/**
 * The parts of a multipart/form-data body as they arrive. What has arrived is parsed only as fast as the parts are read, so
 * no more than one chunk of the body is ever held, and a field.
 *
 * Source: RFC 7578, and for names the HTML standard's encoding of forms.
 *
 * @param signal Gives the form up, also while nothing of it arrives.
 * @throws {UploadError} From the reading, where the body is not well-formed, ends early or has too much.
 */
export async function* readForm(
  request: Request,
  limits: FormLimits,
  signal?: AbortSignal,
): AsyncGenerator<FormPart> {
  const reader = new FormReader(request, limits, signal);
  try {
    yield* reader.parts();
  } finally {
    await reader.leave();
  }
}

class FormReader {
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser: FormParser;
  readonly #limits: FormLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #announced: number | undefined;
  #isRead = false;
  #total = 0;

  constructor(request: Request, limits: FormLimits, signal: AbortSignal | undefined) {
    const contentType = request.headers.get("content-type") ?? "";
    if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
      throw new UploadError("UnsupportedType", "Send a form as multipart/form-data");
    }
    if (request.body === null || request.bodyUsed) throw new UploadError("Malformed", "There is no body");
    if (LONG_BOUNDARY.test(contentType)) {
      throw new UploadError("Malformed", "The boundary of the Content-Type has more than 70 characters");
    }
    this.#limits = limits;
    this.#signal = signal;
    const announced = request.headers.get("content-length");
    this.#announced = announced === null ? undefined : Number(announced);
    this.#parser = new FormParser(contentType, limits);
    if (this.#announced !== undefined && this.#announced > limits.maxTotalBytes) throw this.#tooLarge();
    this.#source = request.body.getReader();
  }

  async *parts(): AsyncGenerator<FormPart> {
    for (let event = await this.#next(); event !== undefined; event = await this.#next()) {
      if (event.kind === "field") yield event;
      else if (event.kind === "file") yield { ...event, chunks: this.#chunks() };
      // else the rest of a file that nobody read
    }
  }

  /** Lets the rest of the body go, after a little more of it. */
  async leave(): Promise<void> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), LINGER_MILLISECONDS);
    try {
      for (let lingered = 0; lingered < LINGER_BYTES;) {
        const { done, value } = await unlessAborted(patience.signal, () => this.#arrival());
        if (done) return;
        lingered += value.byteLength;
      }
    } catch {
      // The client is gone or silent, or nobody waits for it.
    } finally {
      clearTimeout(timer);
    }
    await this.#source.cancel().catch(() => {}); // it may have failed already
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const { maxFileBytes } = this.#limits;
    let size = 0;
    while (true) {
      const event = await this.#next();
      if (event?.kind !== "chunk") return;
      size += event.chunk.byteLength;
      if (size > maxFileBytes) throw new UploadError("TooLarge", `A file may have at most ${maxFileBytes} bytes`);
      if (event.chunk.byteLength > 0) yield event.chunk;
    }
  }

  /** The next thing in the body; `undefined` at its end. */
  async #next(): Promise<FormEvent | undefined> {
    while (true) {
      const event = this.#parser.next();
      if (event !== undefined || this.#isRead) return event;
      await this.#advance();
    }
  }

  async #advance(): Promise<void> {
    const { done, value } = await this.#read();
    if (!done) {
      this.#total += value.byteLength;
      if (this.#total > this.#limits.maxTotalBytes) throw this.#tooLarge();
      this.#parser.write(value);
      return;
    }
    this.#parser.end();
    this.#isRead = true;
    if (this.#announced !== undefined && this.#announced !== this.#total) {
      throw new UploadError("Malformed", `The body has ${this.#total} bytes and was announced with ${this.#announced}`);
    }
  }

  #arrival(): Promise<ReadableStreamReadResult<Uint8Array>> {
    return unlessAborted(this.#signal, () => this.#source.read());
  }

  async #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await this.#arrival();
    } catch (cause) {
      this.#signal?.throwIfAborted();
      throw new UploadError("Malformed", "The body broke off", { cause });
    }
  }

  #tooLarge(): UploadError {
    return new UploadError("TooLarge", `The form may have at most ${this.#limits.maxTotalBytes} bytes`);
  }
}
