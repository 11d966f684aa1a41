import { asciiJson } from "../../kit/text/ascii_json.ts";
import { isToken } from "../../kit/text/token.ts";
import type { WriteOptions } from "../contract/options.ts";

/**
 * The most bytes that the names and values of a file's metadata may have together: S3's limit of 2 KB, minus room for the id
 * of a write. The limit of every storage, so that files can move between them.
 */
const MAX_METADATA_BYTES = 1984;

/** The most characters of a value that a message repeats. */
const SHOWN_LENGTH = 80;

/** Options whose values are strings that become headers when the file is served. */
export const TEXTS = [
  "contentType",
  "contentEncoding",
  "cacheControl",
  "contentDisposition",
  "contentLanguage",
] as const;

/** What a header value must be, for error messages. */
const WANTED = "text in printable ASCII without leading or trailing spaces";

/**
 * Refuses a description that headers cannot carry when the file is served, and an ETag as `ifNoneMatch`. All storages share
 * this rule.
 *
 * @param action What fails, for the error message: "Cannot save 'a.txt'".
 * @throws {TypeError} If a string is not printable ASCII or has a leading or trailing space; if metadata is not an object of
 * strings, has a name that is not a header name, two names that differ only in case, or more than 1984 bytes; if
 * `ifNoneMatch` is not `"*"`.
 */
export function checkDescription(action: string, options: WriteOptions): void {
  const refuse = (name: string, wanted: string, got: unknown): never => {
    throw new TypeError(`${action}: ${name} must be ${wanted}, got ${got}`);
  };
  for (const name of TEXTS) {
    if (!isHeaderValue(options[name] ?? "")) refuse(name, WANTED, formatValue(options[name]));
  }
  const { metadata = {}, ifNoneMatch = "*" } = options;
  // S3 supports no ETag here.
  if (ifNoneMatch !== "*") refuse("ifNoneMatch", '"*"', formatValue(ifNoneMatch));
  if (metadata !== Object(metadata) || Symbol.iterator in metadata) {
    refuse("metadata", "an object of strings", formatValue(metadata));
  }
  const names = new Set<string>();
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    const lower = name.toLowerCase();
    if (!isToken(name)) refuse("each name in metadata", "a header name", formatValue(name));
    if (names.has(lower)) refuse("each name in metadata", "unique regardless of case", formatValue(name));
    if (!isHeaderValue(value)) refuse(`metadata.${name}`, WANTED, formatValue(value));
    names.add(lower);
    bytes += name.length + value.length;
  }
  if (bytes > MAX_METADATA_BYTES) refuse("metadata", `at most ${MAX_METADATA_BYTES} bytes of names and values`, bytes);
}

/** HTTP strips leading and trailing spaces of a value, and services treat non-ASCII characters differently. */
function isHeaderValue(value: unknown): boolean {
  return typeof value === "string" && !/[^ -~]|^ | $/.test(value);
}

/** A value in printable ASCII, as it may contain control characters. */
function formatValue(value: unknown): string {
  if (typeof value !== "string") return value === null ? "null" : `a value of type ${typeof value}`;
  return asciiJson(value.slice(0, SHOWN_LENGTH));
}
