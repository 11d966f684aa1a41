import { make, type MultipartError, type PartInfo } from "multipasta";
import { concatBytes } from "../kit/bytes.ts";
import { unlessAborted } from "../kit/unless_aborted.ts";
import { parseDisposition, type PartDisposition } from "./part_disposition.ts";
import { UploadError } from "./upload_error.ts";

/**
 * How much of a form that failed is still read. A client that is answered while it sends may be cut off before it reads the
 * answer; this much it may have been about to send anyway.
 */
const LINGER_BYTES = 16 * 1024 ** 2;

/** How long: one that sends nothing more gets its answer too. */
const LINGER_MILLISECONDS = 10_000;

/** How much a form may have. */
export interface FormLimits {
  readonly maxFiles: number;
  readonly maxFields: number;
  readonly maxFieldBytes: number;
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
    readonly contentType: string;
    /** The file's bytes; what is not read of them before the next part is skipped. */
    readonly chunks: AsyncIterable<Uint8Array>;
  };

type Event =
  | { readonly kind: "part"; readonly info: PartInfo; readonly value?: Uint8Array }
  | { readonly kind: "chunk"; readonly chunk: Uint8Array | null }
  | { readonly kind: "error"; readonly error: unknown };

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
  readonly #parser: ReturnType<typeof make>;
  readonly #limits: FormLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #announced: number | undefined;
  readonly #events: Event[] = [];
  #held: Uint8Array = new Uint8Array(0);
  #ending: "none" | "boundary" | "body" = "none";
  #total = 0;
  #files = 0;
  #fields = 0;
  #fieldBytes = 0;

  constructor(request: Request, limits: FormLimits, signal: AbortSignal | undefined) {
    const contentType = request.headers.get("content-type") ?? "";
    if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
      throw new UploadError("UnsupportedType", "Send a form as multipart/form-data");
    }
    if (request.body === null || request.bodyUsed) throw new UploadError("Malformed", "There is no body");
    this.#limits = limits;
    this.#signal = signal;
    const announced = request.headers.get("content-length");
    this.#announced = announced === null ? undefined : Number(announced);
    // A part whose headers end at a boundary is to the parser the end of the part before, once more.
    let last: PartInfo | undefined;
    this.#parser = make({
      headers: { "content-type": contentType },
      isFile: (info) => dispositionOf(info)?.fileName !== undefined,
      maxFieldSize: limits.maxFieldBytes,
      onFile: (info) => {
        this.#push({ kind: "part", info });
        return (chunk) => {
          this.#push(info === last ? brokenHeaders() : { kind: "chunk", chunk });
          if (chunk === null) last = info;
        };
      },
      onField: (info: PartInfo | undefined, value) => {
        this.#push(info === last ? brokenHeaders() : { kind: "part", info: info!, value });
        last = info;
      },
      onError: (error) => this.#push({ kind: "error", error: this.#explain(error) }),
      onDone: () => {
        if (this.#ending === "none") this.#ending = "boundary";
      },
    });
    const [failure] = this.#events;
    if (failure?.kind === "error") throw failure.error;
    if (this.#announced !== undefined && this.#announced > limits.maxTotalBytes) throw this.#tooLarge();
    this.#source = request.body.getReader();
  }

  async *parts(): AsyncGenerator<FormPart> {
    for (let event = await this.#next(); event !== undefined; event = await this.#next()) {
      if (event.kind !== "part") continue; // the rest of a file that nobody read
      const { info, value } = event;
      const disposition = dispositionOf(info);
      if (disposition === undefined) throw new UploadError("Malformed", "Each part must be form-data and have a name");
      const { name, fileName = "" } = disposition;
      if (value === undefined) yield this.#file(name, fileName, info.contentType);
      else yield { kind: "field", name, value: this.#field(name, value) };
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

  #field(name: string, value: Uint8Array): string {
    this.#fieldBytes += value.byteLength + name.length;
    if (++this.#fields > this.#limits.maxFields) {
      throw new UploadError("TooMany", `The form has more than ${this.#limits.maxFields} fields`);
    }
    if (this.#fieldBytes > this.#limits.maxFieldBytes) throw this.#fieldsTooLarge();
    return new TextDecoder().decode(value);
  }

  #file(name: string, fileName: string, contentType: string): FormPart {
    const { maxFiles, maxFields } = this.#limits;
    // A file input that was left empty has no name either.
    if (fileName === "" ? ++this.#fields > maxFields : ++this.#files > maxFiles) {
      throw new UploadError("TooMany", `The form has more than ${maxFiles} files or ${maxFields} fields`);
    }
    return { kind: "file", name, fileName, contentType, chunks: this.#chunks() };
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const { maxFileBytes } = this.#limits;
    let size = 0;
    while (true) {
      const event = await this.#next();
      if (event?.kind !== "chunk" || event.chunk === null) return;
      size += event.chunk.byteLength;
      if (size > maxFileBytes) throw new UploadError("TooLarge", `A file may have at most ${maxFileBytes} bytes`);
      if (event.chunk.byteLength > 0) yield event.chunk;
    }
  }

  /** The next thing in the body; `undefined` at its end. */
  async #next(): Promise<Exclude<Event, { kind: "error" }> | undefined> {
    while (this.#events.length === 0) {
      if (this.#ending === "body") return undefined;
      await this.#advance();
    }
    const event = this.#events.shift()!;
    if (event.kind === "error") throw event.error;
    return event;
  }

  async #advance(): Promise<void> {
    const { done, value } = await this.#read();
    if (!done) {
      this.#total += value.byteLength;
      if (this.#total > this.#limits.maxTotalBytes) throw this.#tooLarge();
      this.#feed(value);
      return;
    }
    this.#parse(() => this.#parser.write(this.#held));
    if (this.#ending === "none") {
      this.#parse(() => this.#parser.end());
      this.#push({ kind: "error", error: new UploadError("Malformed", "The form ends before its last boundary") });
    }
    this.#ending = "body";
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

  /** The parser takes a last boundary for one that goes on if its two dashes come apart, so they are kept together. */
  #feed(chunk: Uint8Array): void {
    const whole = this.#held.byteLength === 0 ? chunk : concatBytes([this.#held, chunk]);
    const dashes = whole.at(-1) !== 0x2d ? 0 : whole.at(-2) !== 0x2d ? 1 : 2;
    this.#held = whole.slice(whole.byteLength - dashes);
    this.#parse(() => this.#parser.write(whole.subarray(0, whole.byteLength - dashes)));
  }

  #parse(step: () => void): void {
    if (this.#ending !== "none") return; // what comes after the last boundary is nothing
    try {
      step();
    } catch (cause) {
      this.#push(brokenHeaders(cause));
    }
  }

  #push(event: Event): void {
    if (this.#ending === "none") this.#events.push(event);
  }

  #explain(error: MultipartError): UploadError {
    if (error._tag === "ReachedLimit") return this.#fieldsTooLarge();
    const reasons = {
      BadHeaders: "A part has malformed headers, or too many",
      InvalidDisposition: "A part has no name",
      EndNotReached: "The form ends before its last boundary",
      InvalidBoundary: "The Content-Type has no boundary",
    };
    return new UploadError("Malformed", reasons[error._tag]);
  }

  #fieldsTooLarge(): UploadError {
    return new UploadError(
      "TooLarge",
      `The form's fields may have at most ${this.#limits.maxFieldBytes} bytes together`,
    );
  }

  #tooLarge(): UploadError {
    return new UploadError("TooLarge", `The form may have at most ${this.#limits.maxTotalBytes} bytes`);
  }
}

function brokenHeaders(cause?: unknown): Event {
  return { kind: "error", error: new UploadError("Malformed", "A part has malformed headers", { cause }) };
}

/** From the header itself: the parser knows no names beyond Latin-1. */
function dispositionOf({ headers }: PartInfo): PartDisposition | undefined {
  return parseDisposition(headers["content-disposition"]);
}
