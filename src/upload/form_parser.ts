import { make, type MultipartError, type PartInfo } from "multipasta";
import { concatBytes } from "../kit/bytes/bytes.ts";
import { parseDisposition } from "./part_disposition.ts";
import { UploadError } from "./upload_error.ts";

/** Bytes parsed at a time: this bounds the parts that wait to be read, whatever the size of the chunk they came in. */
const SLICE_BYTES = 64 * 1024;

/** How many parts a form may have, and how much in its fields. */
export interface PartLimits {
  readonly maxFiles: number;
  readonly maxFields: number;
  readonly maxFieldBytes: number;
}

/** A piece of a form, in the order they come. The chunks of a file follow it, up to its end. */
export type FormEvent =
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  | { readonly kind: "file"; readonly name: string; readonly fileName: string; readonly contentType: string }
  | { readonly kind: "chunk"; readonly chunk: Uint8Array }
  | { readonly kind: "end" };

/**
 * Parses a multipart/form-data body slice by slice, and no slice before the events of the last one were read. A limit
 * stops it at the part that exceeds it, within a slice too.
 */
export class FormParser {
  readonly #parser: ReturnType<typeof make>;
  readonly #limits: PartLimits;
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #held: Uint8Array = new Uint8Array(0);
  #events: FormEvent[] = [];
  #read = 0;
  #failure: { readonly error: unknown } | undefined;
  #isDone = false;
  #isInHeaders = false;
  #files = 0;
  #fields = 0;
  #fieldBytes = 0;

  /** @throws {UploadError} If the Content-Type has no boundary. */
  constructor(contentType: string, limits: PartLimits) {
    this.#limits = limits;
    this.#parser = make({
      headers: { "content-type": contentType },
      // Fields come as files do, so that their bytes are counted and copied as they arrive.
      isFile: () => true,
      // Exceeded by every part: the only sign the parser gives of one that begins.
      maxParts: 0,
      onFile: (info) => this.#part(info),
      onField: () => this.#checkHeaders(),
      onError: (error) => this.#onError(error),
      onDone: () => {
        this.#checkHeaders();
        this.#isDone = true;
        throw new Error("done"); // stops the parser: what follows the last boundary is ignored
      },
    });
  }

  /** Takes the next bytes of the body. Those before must have been read: `next` returned `undefined`. */
  write(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Takes the end of the body. */
  end(): void {
    this.#parse(() => this.#parser.write(this.#held));
    this.#parse(() => this.#parser.end());
    if (!this.#isDone) {
      this.#failure ??= { error: new UploadError("Malformed", "The form ends before its last boundary") };
    }
  }

  /**
   * The next event; `undefined` where there is none before more is written.
   *
   * @throws {UploadError} If the form is malformed or has too much. All events before that come first.
   */
  next(): FormEvent | undefined {
    while (this.#read === this.#events.length) {
      this.#events = [];
      this.#read = 0;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isDone || this.#offset >= this.#chunk.byteLength) return undefined;
      this.#parseSlice(this.#chunk.subarray(this.#offset, this.#offset += SLICE_BYTES));
    }
    return this.#events[this.#read++];
  }

  /** The parser takes a last boundary for one that goes on if its two dashes come apart, so they are kept together. */
  #parseSlice(slice: Uint8Array): void {
    const whole = this.#held.byteLength === 0 ? slice : concatBytes([this.#held, slice]);
    const dashes = whole.at(-1) !== 0x2d ? 0 : whole.at(-2) !== 0x2d ? 1 : 2;
    this.#held = whole.slice(whole.byteLength - dashes);
    this.#parse(() => this.#parser.write(whole.subarray(0, whole.byteLength - dashes)));
  }

  #parse(step: () => void): void {
    if (this.#isDone || this.#failure !== undefined) return;
    try {
      step();
    } catch (error) {
      if (this.#isDone) return;
      this.#failure = { error: error instanceof UploadError ? error : brokenHeaders(error) };
    }
  }

  #part(info: PartInfo): (chunk: Uint8Array | null) => void {
    this.#isInHeaders = false;
    const disposition = parseDisposition(info.headers["content-disposition"]);
    if (disposition === undefined) throw new UploadError("Malformed", "Each part must be form-data and have a name");
    const { name, fileName } = disposition;
    if (fileName === undefined) return this.#field(name);
    this.#count(fileName === "" ? "fields" : "files"); // a file input that was left empty has no file name
    const declared = info.headers["content-type"];
    const contentType = typeof declared === "string" ? declared.trim() : ""; // of two headers neither counts
    this.#events.push({ kind: "file", name, fileName, contentType });
    return (chunk) => {
      this.#checkHeaders();
      this.#events.push(chunk === null ? { kind: "end" } : { kind: "chunk", chunk });
    };
  }

  #field(name: string): (chunk: Uint8Array | null) => void {
    this.#count("fields");
    this.#countFieldBytes(new TextEncoder().encode(name).byteLength);
    let value = new Uint8Array(0);
    let size = 0;
    return (chunk) => {
      this.#checkHeaders();
      if (chunk === null) {
        this.#events.push({ kind: "field", name, value: new TextDecoder().decode(value.subarray(0, size)) });
        return;
      }
      this.#countFieldBytes(chunk.byteLength);
      // Copied: many tiny chunks would each take a hundred times their bytes.
      if (size + chunk.byteLength > value.byteLength) {
        const grown = new Uint8Array(Math.max(size + chunk.byteLength, 2 * size));
        grown.set(value.subarray(0, size));
        value = grown;
      }
      value.set(chunk, size);
      size += chunk.byteLength;
    };
  }

  #count(kind: "files" | "fields"): void {
    const [count, limit] = kind === "files"
      ? [++this.#files, this.#limits.maxFiles]
      : [++this.#fields, this.#limits.maxFields];
    if (count > limit) throw new UploadError("TooMany", `The form has more than ${limit} ${kind}`);
  }

  #countFieldBytes(byteLength: number): void {
    this.#fieldBytes += byteLength;
    if (this.#fieldBytes > this.#limits.maxFieldBytes) {
      throw new UploadError(
        "TooLarge",
        `The form's fields may have at most ${this.#limits.maxFieldBytes} bytes together`,
      );
    }
  }

  /** A part whose headers end at a boundary is to the parser the end of the part before, once more. */
  #checkHeaders(): void {
    if (this.#isInHeaders) throw brokenHeaders();
  }

  #onError(error: MultipartError): void {
    if (error._tag === "ReachedLimit") {
      this.#checkHeaders();
      this.#isInHeaders = true;
      return;
    }
    const reasons = {
      BadHeaders: "A part has malformed headers, or too many",
      InvalidDisposition: "A part has no name",
      EndNotReached: "The form ends before its last boundary",
      InvalidBoundary: "The Content-Type has no boundary",
    };
    throw new UploadError("Malformed", reasons[error._tag]);
  }
}

function brokenHeaders(cause?: unknown): UploadError {
  return new UploadError("Malformed", "A part has malformed headers", { cause });
}
