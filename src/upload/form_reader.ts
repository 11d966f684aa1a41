import { unlessAborted } from "../kit/async/unless_aborted.ts";
import { readerOf, type StreamChunk, type StreamReader } from "../runtime/stream_reader.ts";
import type { FormClock } from "./form_clock.ts";
import { type FormEvent, FormParser, type PartLimits } from "./multipart/form_parser.ts";
import { UploadError } from "./upload_error.ts";

/**
 * The most bytes of a failed form that are still read. A client that receives a response while it sends may be disconnected
 * before it reads it, so up to this much is read first.
 */
const LINGER_BYTES = 16 * 1024 ** 2;

/** The time for that, so that a client that stops sending gets a response too. */
const LINGER_MILLISECONDS = 10_000;

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

/** How a form is read. */
export interface FormReading {
  /** Aborts reading, also while no bytes arrive. */
  readonly clock?: FormClock | undefined;
  /** Aborts also the reading of the rest of a failed form. */
  readonly signal?: AbortSignal | undefined;
  /** The error for a form that is refused whatever its parts are. */
  readonly refusal?: UploadError | undefined;
}

/**
 * Reads the parts of a multipart/form-data body as they arrive. The body is parsed only as fast as its parts are read, so at
 * most one chunk of it and one field are in memory.
 *
 * Every failure is thrown after the rest of the body was read, up to a limit, also one that the headers decide. A proxy such
 * as nginx answers 502 if the connection is closed while it sends the body.
 *
 * Source: RFC 7578, and for names the HTML standard's encoding of forms.
 *
 * @throws {UploadError} While reading, if the body is malformed, ends early or exceeds a limit.
 */
export async function* readForm(
  request: Request,
  limits: FormLimits,
  reading: FormReading = {},
): AsyncGenerator<FormPart> {
  const reader = new FormReader(request, limits, reading);
  try {
    yield* reader.parts();
  } finally {
    await reader.close();
  }
}

class FormReader {
  readonly #source: StreamReader | undefined;
  readonly #contentType: string;
  readonly #limits: FormLimits;
  readonly #reading: FormReading;
  readonly #announced: number | undefined;
  #isRead = false;
  #total = 0;

  constructor({ body, headers }: Request, limits: FormLimits, reading: FormReading) {
    this.#source = body === null ? undefined : readerOf(body);
    this.#contentType = headers.get("content-type") ?? "";
    this.#limits = limits;
    this.#reading = reading;
    const announced = headers.get("content-length");
    this.#announced = announced === null ? undefined : Number(announced);
  }

  async *parts(): AsyncGenerator<FormPart> {
    const parser = this.#begin();
    for (let event = await this.#next(parser); event !== undefined; event = await this.#next(parser)) {
      if (event.kind === "field") yield event;
      else if (event.kind === "file") yield { ...event, chunks: this.#chunks(parser) };
      // else the rest of a file that was not read
    }
  }

  /** @throws {UploadError} If the headers of the request decide that the form is refused. */
  #begin(): FormParser {
    if (this.#reading.refusal !== undefined) throw this.#reading.refusal;
    if (!/^multipart\/form-data\s*(;|$)/i.test(this.#contentType)) {
      throw new UploadError("UnsupportedType", "Cannot read form: its Content-Type must be multipart/form-data");
    }
    if (this.#source === undefined) throw new UploadError("Malformed", "Cannot read form: the request has no body");
    const parser = new FormParser(this.#contentType, this.#limits);
    if (this.#announced !== undefined && this.#announced > this.#limits.maxTotalBytes) throw this.#tooLarge();
    return parser;
  }

  /** Reads a limited rest of the body, unless the client sends nothing, then cancels it. */
  async close(): Promise<void> {
    const { clock } = this.#reading;
    clock?.end(); // a limit that expires from now on must not hide the failure
    if (this.#source === undefined) return;
    if (!clock?.isIdle) await this.#readRest(this.#source);
    await this.#source.cancel().catch(() => {}); // it may have failed already
  }

  async #readRest(source: StreamReader): Promise<void> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), LINGER_MILLISECONDS);
    try {
      for (let lingered = 0; lingered < LINGER_BYTES;) {
        const read = (): Promise<StreamChunk> => unlessAborted(this.#reading.signal, () => source.read());
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

  async *#chunks(parser: FormParser): AsyncGenerator<Uint8Array> {
    const { maxFileBytes } = this.#limits;
    let size = 0;
    while (true) {
      const event = await this.#next(parser);
      if (event?.kind !== "chunk") return;
      size += event.chunk.byteLength;
      if (size > maxFileBytes) throw new UploadError("TooLarge", `A file has more than ${maxFileBytes} bytes`);
      if (event.chunk.byteLength > 0) yield event.chunk;
    }
  }

  /** The next event; `undefined` at the end of the body. */
  async #next(parser: FormParser): Promise<FormEvent | undefined> {
    while (true) {
      const event = parser.next();
      if (event !== undefined || this.#isRead) return event;
      await this.#advance(parser);
    }
  }

  async #advance(parser: FormParser): Promise<void> {
    const { value } = await this.#read(this.#source!);
    if (value !== undefined) {
      this.#total += value.byteLength;
      if (this.#total > this.#limits.maxTotalBytes) throw this.#tooLarge();
      parser.write(value);
      return;
    }
    parser.end();
    this.#isRead = true;
    if (this.#announced !== undefined && this.#announced !== this.#total) {
      throw new UploadError("Malformed", `The body has ${this.#total} bytes, but Content-Length is ${this.#announced}`);
    }
  }

  async #read(source: StreamReader): Promise<StreamChunk> {
    const { clock } = this.#reading;
    try {
      if (clock === undefined) return await source.read();
      return await clock.read(() => unlessAborted(clock.signal, () => source.read()));
    } catch (cause) {
      clock?.signal.throwIfAborted();
      throw new UploadError("Malformed", "Cannot read form: the body ended early", { cause });
    }
  }

  #tooLarge(): UploadError {
    return new UploadError("TooLarge", `The form has more than ${this.#limits.maxTotalBytes} bytes`);
  }
}
