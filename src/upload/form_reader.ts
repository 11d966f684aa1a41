import { unlessAborted } from "../kit/async/unless_aborted.ts";
import { readerOf, type StreamChunk, type StreamReader } from "../runtime/stream_reader.ts";
import type { FormClock } from "./form_clock.ts";
import { type FormEvent, FormParser, type PartLimits } from "./form_parser.ts";
import { UploadError } from "./upload_error.ts";

/**
 * The most bytes of a failed form that are still read. A client that receives a response while it sends may be disconnected
 * before it reads it, so up to this much is read first.
 */
const LINGER_BYTES = 16 * 1024 ** 2;

/** The time for that, so that a client that stops sending gets a response too. */
const LINGER_MILLISECONDS = 10_000;

/** A boundary of more than 70 characters, which RFC 2046, section 5.1.1, forbids. */
const LONG_BOUNDARY = /boundary="?[^";]{71}/i;

/** The limits of a form. */
export interface FormLimits extends PartLimits {
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
}

/** A part of a form, in its order. */
export type FormPart =
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  | {
    readonly kind: "file";
    readonly name: string;
    readonly fileName: string;
    /** The Content-Type of the part as the client sent it; empty for none. */
    readonly contentType: string;
    /** The file's bytes; those that are not read before the next part are skipped. */
    readonly chunks: AsyncIterable<Uint8Array>;
  };

/**
 * Reads the parts of a multipart/form-data body as they arrive. The body is parsed only as fast as its parts are read, so at
 * most one chunk of it and one field are in memory.
 *
 * Source: RFC 7578, and for names the HTML standard's encoding of forms.
 *
 * @param clock Aborts reading, also while no bytes arrive.
 * @param signal Aborts also the reading of the rest of a failed form.
 * @throws {UploadError} While reading, if the body is malformed, ends early or exceeds a limit.
 */
export async function* readForm(
  request: Request,
  limits: FormLimits,
  clock?: FormClock,
  signal?: AbortSignal,
): AsyncGenerator<FormPart> {
  const reader = new FormReader(request, limits, clock, signal);
  try {
    yield* reader.parts();
  } finally {
    await reader.close();
  }
}

class FormReader {
  readonly #source: StreamReader;
  readonly #parser: FormParser;
  readonly #limits: FormLimits;
  readonly #clock: FormClock | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #announced: number | undefined;
  #isRead = false;
  #total = 0;

  constructor(request: Request, limits: FormLimits, clock: FormClock | undefined, signal: AbortSignal | undefined) {
    const contentType = request.headers.get("content-type") ?? "";
    if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
      throw new UploadError("UnsupportedType", "Cannot read form: its Content-Type must be multipart/form-data");
    }
    if (request.body === null) throw new UploadError("Malformed", "Cannot read form: the request has no body");
    if (LONG_BOUNDARY.test(contentType)) {
      throw new UploadError("Malformed", "Malformed form: its boundary has more than 70 characters");
    }
    this.#limits = limits;
    this.#clock = clock;
    this.#signal = signal;
    const announced = request.headers.get("content-length");
    this.#announced = announced === null ? undefined : Number(announced);
    this.#parser = new FormParser(contentType, limits);
    if (this.#announced !== undefined && this.#announced > limits.maxTotalBytes) throw this.#tooLarge();
    this.#source = readerOf(request.body);
  }

  async *parts(): AsyncGenerator<FormPart> {
    for (let event = await this.#next(); event !== undefined; event = await this.#next()) {
      if (event.kind === "field") yield event;
      else if (event.kind === "file") yield { ...event, chunks: this.#chunks() };
      // else the rest of a file that was not read
    }
  }

  /** Reads a limited rest of the body, unless the client sends nothing, then cancels it. */
  async close(): Promise<void> {
    this.#clock?.end(); // a limit that expires from now on must not hide the failure
    if (!this.#clock?.isIdle) await this.#readRest();
    await this.#source.cancel().catch(() => {}); // it may have failed already
  }

  async #readRest(): Promise<void> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), LINGER_MILLISECONDS);
    try {
      for (let lingered = 0; lingered < LINGER_BYTES;) {
        const read = (): Promise<StreamChunk> => unlessAborted(this.#signal, () => this.#source.read());
        const { value } = await unlessAborted(deadline.signal, read);
        if (value === undefined) return;
        lingered += value.byteLength;
      }
    } catch {
      // The client has disconnected or sends nothing, or the upload was aborted.
    } finally {
      clearTimeout(timer);
    }
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const { maxFileBytes } = this.#limits;
    let size = 0;
    while (true) {
      const event = await this.#next();
      if (event?.kind !== "chunk") return;
      size += event.chunk.byteLength;
      if (size > maxFileBytes) throw new UploadError("TooLarge", `A file has more than ${maxFileBytes} bytes`);
      if (event.chunk.byteLength > 0) yield event.chunk;
    }
  }

  /** The next event; `undefined` at the end of the body. */
  async #next(): Promise<FormEvent | undefined> {
    while (true) {
      const event = this.#parser.next();
      if (event !== undefined || this.#isRead) return event;
      await this.#advance();
    }
  }

  async #advance(): Promise<void> {
    const { value } = await this.#read();
    if (value !== undefined) {
      this.#total += value.byteLength;
      if (this.#total > this.#limits.maxTotalBytes) throw this.#tooLarge();
      this.#parser.write(value);
      return;
    }
    this.#parser.end();
    this.#isRead = true;
    if (this.#announced !== undefined && this.#announced !== this.#total) {
      throw new UploadError("Malformed", `The body has ${this.#total} bytes, but Content-Length is ${this.#announced}`);
    }
  }

  async #read(): Promise<StreamChunk> {
    const clock = this.#clock;
    try {
      if (clock === undefined) return await this.#source.read();
      return await clock.read(() => unlessAborted(clock.signal, () => this.#source.read()));
    } catch (cause) {
      clock?.signal.throwIfAborted();
      throw new UploadError("Malformed", "Cannot read form: the body ended early", { cause });
    }
  }

  #tooLarge(): UploadError {
    return new UploadError("TooLarge", `The form has more than ${this.#limits.maxTotalBytes} bytes`);
  }
}
