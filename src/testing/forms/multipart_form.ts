import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";

/** A form upload: the fields before the file, and the file. */
export interface PostedForm {
  /** The fields before the file in order, with names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly filename: string;
  readonly fileContentType: string | undefined;
}

const decoder = new TextDecoder();

/**
 * Parses a form upload. Not with `Request.formData()`, which loses the order of the fields: S3 ignores all fields after
 * the file.
 */
export function parsePostedForm(body: Uint8Array<ArrayBuffer>, contentType: string): PostedForm {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (boundary === null) throw new S3ServerError("MalformedPOSTRequest");
  const delimiter = encodeUtf8(`\r\n--${boundary[1] ?? boundary[2]}`);
  const fields = new Map<string, string>();
  // The first delimiter does not follow a line break.
  let position = startsWith(body, delimiter.subarray(2), 0) ? delimiter.length - 2 : -1;
  while (position !== -1 && startsWith(body, encodeUtf8("\r\n"), position)) {
    const headEnd = indexOf(body, encodeUtf8("\r\n\r\n"), position);
    const partEnd = headEnd === -1 ? -1 : indexOf(body, delimiter, headEnd + 2);
    if (partEnd === -1) break;
    const head = decoder.decode(body.subarray(position + 2, headEnd));
    const bytes = body.slice(Math.min(headEnd + 4, partEnd), partEnd);
    const name = parameter(head, "name");
    if (name === undefined) break;
    const filename = parameter(head, "filename");
    if (name.toLowerCase() === "file") {
      const fileContentType = /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim();
      return { fields, file: bytes, filename: baseName(filename ?? ""), fileContentType };
    }
    fields.set(name.toLowerCase(), decoder.decode(bytes));
    position = partEnd + delimiter.length;
  }
  if (position !== -1 && startsWith(body, encodeUtf8("--"), position)) {
    throw invalidArgument("POST requires exactly one file upload per request.", "file", "0");
  }
  throw new S3ServerError("MalformedPOSTRequest");
}

/** Reads a parameter of Content-Disposition, in which browsers escape quotes and line breaks. */
function parameter(head: string, name: string): string | undefined {
  const match = new RegExp(`^content-disposition:.*?;\\s*${name}=(?:"([^"]*)"|([^;\\s]*))`, "im").exec(head);
  const value = match?.[1] ?? match?.[2];
  return value?.replace(/%22/g, '"').replace(/%0D/gi, "\r").replace(/%0A/gi, "\n");
}

/** The last segment of a file name; old browsers sent whole paths. */
function baseName(filename: string): string {
  return filename.slice(Math.max(filename.lastIndexOf("/"), filename.lastIndexOf("\\")) + 1);
}

function startsWith(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  return wanted.every((byte, index) => bytes[at + index] === byte);
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const first = wanted[0]!;
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (startsWith(bytes, wanted, at)) return at;
  }
  return -1;
}
