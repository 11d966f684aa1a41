import { malformedForm } from "../upload_error.ts";

/** The most headers of a part, and their bytes together. */
const [MAX_HEADERS, MAX_BYTES] = [100, 16 * 1024];

/** The headers of a part; a repeated one has several values. */
export type PartHeaders = ReadonlyMap<string, readonly string[]>;

/** Reads the headers of a part line by line. */
export class PartHeaderReader {
  readonly #boundary: string;
  readonly #decoder: TextDecoder;
  readonly #headers = new Map<string, string[]>();
  #size = 0;
  #count = 0;
  #values: string[] | undefined;

  /** @param charset That of the names in the headers. */
  constructor(boundary: string, charset: string) {
    this.#boundary = `--${boundary}`;
    this.#decoder = new TextDecoder(charset, { ignoreBOM: true });
  }

  /**
   * Reads the complete lines, up to the empty line after the headers.
   *
   * @returns The index after the last complete line, and whether it was the empty one.
   * @throws {UploadError} If a header is malformed, or there are too many.
   */
  read(bytes: Uint8Array, start: number): readonly [end: number, isComplete: boolean] {
    for (let from = start;;) {
      const end = bytes.indexOf(LINE_FEED, from) + 1;
      const line = bytes.subarray(from, end === 0 ? undefined : end);
      if (this.#size + line.byteLength > MAX_BYTES) {
        throw malformedForm(`a part has more than ${MAX_BYTES} bytes of headers`);
      }
      if (end === 0) return [from, false];
      this.#size += line.byteLength;
      if (line.at(-2) !== CARRIAGE_RETURN) throw malformedForm("a line of a part's headers does not end in CRLF");
      if (line.byteLength === 2) return [end, true];
      this.#add(line.subarray(0, -2));
      from = end;
    }
  }

  /** The headers that were read. */
  get headers(): PartHeaders {
    return this.#headers;
  }

  #add(line: Uint8Array): void {
    if (line.some(isControl)) throw malformedForm("the headers of a part have control characters");
    const text = this.#decoder.decode(line);
    if (text.startsWith(this.#boundary)) throw malformedForm("the headers of a part end without an empty line");
    if (/^[ \t]/.test(text) && this.#values !== undefined) {
      this.#values.push(`${this.#values.pop()} ${text.trimStart()}`); // a folded header
      return;
    }
    const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):(.*)$/.exec(text) ?? [];
    if (name === undefined) throw malformedForm(`a part has a malformed header: ${JSON.stringify(text.slice(0, 100))}`);
    if (++this.#count > MAX_HEADERS) throw malformedForm(`a part has more than ${MAX_HEADERS} headers`);
    const key = name.toLowerCase();
    this.#values = this.#headers.get(key) ?? [];
    this.#values.push(value!.trim());
    this.#headers.set(key, this.#values);
  }
}

const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 || byte === 0x7f;
}
