import { concatBytes, encodeUtf8, grow } from "../../kit/bytes/bytes.ts";
import { BoundarySearch } from "./boundary_search.ts";
import { boundaryOf, charsetOf } from "./parameters.ts";
import { parseDisposition } from "./part_disposition.ts";
import { PartHeaderReader, type PartHeaders } from "./part_headers.ts";
import { malformedForm, UploadError } from "../upload_error.ts";

const [LINE_BREAK, DASHES] = [Uint8Array.of(0x0d, 0x0a), Uint8Array.of(0x2d, 0x2d)];

/** Bytes parsed at a time, which limits the parts in memory for chunks of any size. */
const SLICE_BYTES = 64 * 1024;

/** The most spaces after a boundary; RFC 2046 allows any number. */
const MAX_PADDING = 1024;

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

/** Takes the chunks of a part, and `null` at its end. */
type PartSink = (chunk: Uint8Array | null) => void;

/** The index of the first byte that is not parsed, and whether another step can follow. */
type Step = readonly [end: number, isWhole: boolean];

/**
 * Parses a multipart/form-data body slice by slice, and each slice only after the events of the previous one were read. A limit
 * stops it at the part that exceeds it, also within a slice.
 *
 * Source: RFC 7578, and RFC 2046, section 5.1.1. Like other programs it accepts what some clients send: spaces after a
 * boundary, folded headers, and values without quotes.
 */
export class FormParser {
  readonly #boundary: string;
  readonly #search: BoundarySearch;
  readonly #limits: PartLimits;
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;
  /** Bytes of the previous slices whose meaning depends on the next one. */
  #held: Uint8Array = LINE_BREAK.slice(); // so that a boundary may be the first line
  #state: "body" | "boundary" | "headers" = "body";
  #headers: PartHeaderReader | undefined;
  #sink: PartSink = () => {}; // bytes before the first boundary are ignored
  #events: FormEvent[] = [];
  #read = 0;
  #failure: UploadError | undefined;
  #isDone = false;
  #charset = "utf-8";
  #files = 0;
  #fields = 0;
  #fieldBytes = 0;

  /** @throws {UploadError} If the Content-Type has no valid boundary. */
  constructor(contentType: string, limits: PartLimits) {
    this.#limits = limits;
    this.#boundary = boundaryOf(contentType);
    this.#search = new BoundarySearch(this.#boundary);
  }

  /** Adds the next bytes of the body. All events before must have been read: `next` returned `undefined`. */
  write(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Ends the body. */
  end(): void {
    if (!this.#isDone) this.#failure ??= malformedForm("it ends before its last boundary");
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
      if (this.#failure !== undefined) throw this.#failure;
      // Bytes after the last boundary are ignored.
      if (this.#isDone || this.#offset >= this.#chunk.byteLength) return undefined;
      this.#parseSlice(this.#chunk.subarray(this.#offset, this.#offset += SLICE_BYTES));
    }
    return this.#events[this.#read++];
  }

  #parseSlice(slice: Uint8Array): void {
    const bytes = this.#held.byteLength === 0 ? slice : concatBytes([this.#held, slice]);
    let end = 0;
    try {
      for (let isWhole = true; isWhole && !this.#isDone;) [end, isWhole] = this.#parseNext(bytes, end);
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      this.#failure = error;
    }
    this.#held = bytes.slice(end);
  }

  /** Returns the index of the first byte that is not parsed, and whether the bytes before it were enough for this step. */
  #parseNext(bytes: Uint8Array, start: number): Step {
    if (this.#state === "body") return this.#parseBody(bytes, start);
    return this.#state === "boundary" ? this.#parseBoundary(bytes, start) : this.#parseHeaders(bytes, start);
  }

  #parseBody(bytes: Uint8Array, start: number): Step {
    const index = this.#search.indexIn(bytes, start);
    const end = index === -1 ? this.#search.partialIn(bytes, start) : index;
    if (end > start) this.#sink(bytes.subarray(start, end));
    if (index === -1) return [end, false];
    this.#sink(null);
    this.#state = "boundary";
    return [end + this.#search.byteLength, true];
  }

  /** Parses the rest of a boundary's line: spaces, or the two dashes of the last boundary. */
  #parseBoundary(bytes: Uint8Array, start: number): Step {
    let position = start;
    while (bytes[position] === 0x20 || bytes[position] === 0x09) position++;
    if (position + 2 > bytes.byteLength && position - start <= MAX_PADDING) return [start, false];
    const isAt = (text: Uint8Array): boolean => bytes[position] === text[0] && bytes[position + 1] === text[1];
    if (position === start && isAt(DASHES)) this.#isDone = true;
    else if (isAt(LINE_BREAK)) {
      this.#state = "headers";
      this.#headers = new PartHeaderReader(this.#boundary, this.#charset);
    } else throw malformedForm("a boundary must be followed by a line break, or by two dashes");
    return [position + 2, true];
  }

  #parseHeaders(bytes: Uint8Array, start: number): Step {
    const [end, isComplete] = this.#headers!.read(bytes, start);
    if (!isComplete) return [end, false];
    this.#sink = this.#part(this.#headers!.headers);
    this.#state = "body";
    // The line break of the empty line may also be that of a boundary: then the part is empty.
    return [end - LINE_BREAK.byteLength, true];
  }

  #part(headers: PartHeaders): PartSink {
    const [disposition, ...others] = headers.get("content-disposition") ?? [];
    const { name, fileName } = parseDisposition(others.length === 0 ? disposition : [disposition!, ...others]);
    const types = headers.get("content-type") ?? [];
    const contentType = types.length === 1 ? types[0]! : ""; // two are ignored
    const sink = fileName === undefined ? this.#field(name, contentType) : this.#file(name, fileName, contentType);
    let toSkip = LINE_BREAK.byteLength; // that of the empty line
    return (chunk) => {
      if (chunk === null) return sink(null);
      const content = chunk.subarray(toSkip);
      toSkip -= chunk.byteLength - content.byteLength;
      if (content.byteLength > 0) sink(content);
    };
  }

  #file(name: string, fileName: string, contentType: string): PartSink {
    let isNameless = fileName === "";
    this.#count(isNameless ? "fields" : "files"); // an empty file input has no file name
    this.#events.push({ kind: "file", name, fileName, contentType });
    return (chunk) => {
      if (isNameless && chunk !== null) this.#count("files");
      isNameless = false;
      this.#events.push(chunk === null ? { kind: "end" } : { kind: "chunk", chunk });
    };
  }

  #field(name: string, contentType: string): PartSink {
    this.#count("fields");
    this.#countFieldBytes(encodeUtf8(name).byteLength);
    const bytes = new FieldBytes();
    return (chunk) => {
      if (chunk !== null) {
        this.#countFieldBytes(chunk.byteLength);
        bytes.append(chunk);
        return;
      }
      const value = bytes.decode(knownCharset(charsetOf(contentType)) ?? this.#charset);
      this.#events.push({ kind: "field", name, value });
      // Browsers write the form's charset into a field of this name, by the HTML standard.
      if (name === "_charset_") this.#charset = knownCharset(value) ?? this.#charset;
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
}

/** The bytes of a field, copied into one array: many tiny chunks would each take a hundred times their size. */
class FieldBytes {
  #bytes = new Uint8Array(0);
  #size = 0;

  append(chunk: Uint8Array): void {
    const size = this.#size + chunk.byteLength;
    if (size > this.#bytes.byteLength) this.#bytes = grow(this.#bytes, this.#size, size, Infinity);
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
  }

  decode(charset: string): string {
    return new TextDecoder(charset).decode(this.#bytes.subarray(0, this.#size));
  }
}

/** The charset if the runtime can decode it. */
function knownCharset(charset: string | undefined): string | undefined {
  try {
    return charset && new TextDecoder(charset).encoding;
  } catch {
    return undefined;
  }
}
