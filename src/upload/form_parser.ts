import { make, type MultipartError, type PartInfo } from "multipasta";
import { concatBytes, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { parseDisposition } from "./part_disposition.ts";
import { UploadError } from "./upload_error.ts";

/** Bytes parsed at a time, which limits the parts in memory for chunks of any size. */
const SLICE_BYTES = 64 * 1024;

/** The limits on the parts of a form. */
export interface PartLimits {
  readonly maxFiles: number;
  readonly maxFields: number;
  readonly maxFieldBytes: number;
}

/** An event of the parser, in the order of the form. The chunks of a file follow its event, up to its end. */
export type FormEvent =
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  | { readonly kind: "file"; readonly name: string; readonly fileName: string; readonly contentType: string }
  | { readonly kind: "chunk"; readonly chunk: Uint8Array }
  | { readonly kind: "end" };

/**
 * Parses a multipart/form-data body slice by slice, and each slice only after the events of the previous one were read. A limit
 * stops it at the part that exceeds it, also within a slice.
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
      // Fields are parsed as files, so that their bytes are counted and copied as they arrive.
      isFile: () => true,
      // Every part exceeds it: the parser's only event for the start of a part.
      maxParts: 0,
      onFile: (info) => this.#part(info),
      onField: () => this.#checkHeaders(),
      onError: (error) => this.#onError(error),
      onDone: () => {
        this.#checkHeaders();
        this.#isDone = true;
        throw new Error("done"); // stops the parser: bytes after the last boundary are ignored
      },
    });
  }

  /** Adds the next bytes of the body. All events before must have been read: `next` returned `undefined`. */
  write(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Ends the body. */
  end(): void {
    this.#parse(() => this.#parser.write(this.#held));
    this.#parse(() => this.#parser.end());
    if (!this.#isDone) {
      this.#failure ??= { error: new UploadError("Malformed", "Malformed form: it ends before its last boundary") };
    }
  }

  /**
   * The next event; `undefined` if more bytes are needed.
   *
   * @throws {UploadError} If the form is malformed or exceeds a limit, after all events before that.
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

  /** Keeps the two dashes of the last boundary together: if they are split, the parser expects another part. */
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
      this.#failure = { error: error instanceof UploadError ? error : malformedHeaders(error) };
    }
  }

  #part(info: PartInfo): (chunk: Uint8Array | null) => void {
    this.#isInHeaders = false;
    const disposition = parseDisposition(info.headers["content-disposition"]);
    if (disposition === undefined) {
      throw new UploadError("Malformed", "Malformed form: each part must be form-data with a name");
    }
    const { name, fileName } = disposition;
    if (fileName === undefined) return this.#field(name);
    this.#count(fileName === "" ? "fields" : "files"); // an empty file input has no file name
    const declared = info.headers["content-type"];
    const contentType = typeof declared === "string" ? declared.trim() : ""; // two headers are ignored
    this.#events.push({ kind: "file", name, fileName, contentType });
    return (chunk) => {
      this.#checkHeaders();
      this.#events.push(chunk === null ? { kind: "end" } : { kind: "chunk", chunk });
    };
  }

  #field(name: string): (chunk: Uint8Array | null) => void {
    this.#count("fields");
    this.#countFieldBytes(encodeUtf8(name).byteLength);
    const value = new FieldValue();
    return (chunk) => {
      this.#checkHeaders();
      if (chunk === null) {
        this.#events.push({ kind: "field", name, value: value.toString() });
        return;
      }
      this.#countFieldBytes(chunk.byteLength);
      value.append(chunk);
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
        `The fields of the form have more than ${this.#limits.maxFieldBytes} bytes in total`,
      );
    }
  }

  /** For a part whose headers end at a boundary, the parser repeats the end of the part before. */
  #checkHeaders(): void {
    if (this.#isInHeaders) throw malformedHeaders();
  }

  #onError(error: MultipartError): void {
    if (error._tag === "ReachedLimit") {
      this.#checkHeaders();
      this.#isInHeaders = true;
      return;
    }
    const reasons = {
      BadHeaders: "Malformed form: a part has malformed or too many headers",
      InvalidDisposition: "Malformed form: a part has no name",
      EndNotReached: "Malformed form: it ends before its last boundary",
      InvalidBoundary: "Malformed form: the Content-Type has no boundary",
    };
    throw new UploadError("Malformed", reasons[error._tag]);
  }
}

/** The bytes of a field, copied into one array: many tiny chunks would each take a hundred times their size. */
class FieldValue {
  #bytes = new Uint8Array(0);
  #size = 0;

  append(chunk: Uint8Array): void {
    const size = this.#size + chunk.byteLength;
    if (size > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(size, 2 * this.#size));
      grown.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
  }

  toString(): string {
    return new TextDecoder().decode(this.#bytes.subarray(0, this.#size));
  }
}

function malformedHeaders(cause?: unknown): UploadError {
  return new UploadError("Malformed", "Malformed form: a part has malformed headers", { cause });
}
