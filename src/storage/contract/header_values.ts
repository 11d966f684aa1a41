import { asciiJson } from "../../kit/text/ascii_json.ts";
import { isToken } from "../../kit/text/token.ts";
import type { WriteOptions } from "./options.ts";

/**
 * The most bytes that the names and values of a file's metadata may have together: the 2 KB of S3, less room for the mark
 * of one write. Kept by every storage, so that files can move between them.
 */
const MAX_METADATA_BYTES = 1984;

/** How much of a value a message repeats, in characters. */
const SHOWN_LENGTH = 80;

/** Options whose values are texts that a header carries when the file is served. */
export const TEXTS = [
  "contentType",
  "contentEncoding",
  "cacheControl",
  "contentDisposition",
  "contentLanguage",
] as const;

/** What a header's value must be, as messages say it. */
const WANTED = "text in printable ASCII, without spaces at its ends";

/**
 * Refuses a description that no header could carry when the file is served: the one rule of all storages.
 *
 * @param action What fails, for the message: "Cannot save 'a.txt'".
 * @throws {TypeError} If a text is not printable ASCII or has a space at an end; if metadata is not an object of texts, has
 * a name that no header can have, or two that differ in case alone, or has more than 1984 bytes.
 */
export function checkDescription(action: string, options: WriteOptions): void {
  const refuse = (name: string, wanted: string, got: unknown): never => {
    throw new TypeError(`${action}: ${name} must be ${wanted}, got ${got}`);
  };
  for (const name of TEXTS) {
    if (!isHeaderValue(options[name] ?? "")) refuse(name, WANTED, shown(options[name]));
  }
  const { metadata = {} } = options;
  if (metadata !== Object(metadata) || Symbol.iterator in metadata) {
    refuse("metadata", "an object of texts", shown(metadata));
  }
  const names = new Set<string>();
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    const lower = name.toLowerCase();
    if (!isToken(name)) refuse("each name in metadata", "a header's name", shown(name));
    if (names.has(lower)) refuse("each name in metadata", "there once, whatever its case", shown(name));
    if (!isHeaderValue(value)) refuse(`metadata.${name}`, WANTED, shown(value));
    names.add(lower);
    bytes += name.length + value.length;
  }
  if (bytes > MAX_METADATA_BYTES) refuse("metadata", `at most ${MAX_METADATA_BYTES} bytes of names and values`, bytes);
}

/** HTTP drops spaces at the ends of a value, and services do not agree on what is not ASCII. */
function isHeaderValue(value: unknown): boolean {
  return typeof value === "string" && !/[^ -~]|^ | $/.test(value);
}

/** A value in printable ASCII: it may hold what a terminal or a log would obey. */
function shown(value: unknown): string {
  if (typeof value !== "string") return value === null ? "null" : `a value of type ${typeof value}`;
  return asciiJson(value.slice(0, SHOWN_LENGTH));
}
