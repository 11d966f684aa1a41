import { ConfigurationError, SuspiciousNameError } from "../../errors.ts";
import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { formatValue } from "../../kit/values/format_value.ts";

/** The longest key, in bytes of UTF-8: S3's limit, kept by every storage so that names can move between them. */
export const MAX_KEY_BYTES = 1024;

/** Characters of the suffix of an alternative name: 62^7 suffixes. */
const SUFFIX_LENGTH = 7;
const SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A `.` or `..` segment, which no name may have. */
const DOT_SEGMENT = /(^|[/\\])\.\.?([/\\]|$)/;

/**
 * Normalizes a name: backslashes become slashes, and repeated slashes one. A trailing slash stays; `.` is the empty name.
 *
 * Source: `clean_name` of django-storages, which replaces backslashes last; here they are replaced first.
 */
export function cleanName(name: string): string {
  checkText(name);
  const clean = collapse(name);
  return clean === "." || clean === "./" ? "" : clean;
}

function checkText(name: unknown): void {
  if (typeof name === "string") return;
  const isList = Array.isArray(name);
  const advice = isList
    ? ": deleteMany() takes several names"
    : "backend" in Object(name)
    ? ": copyTo(name, storage) copies to another storage"
    : "";
  throw new TypeError(`A name must be a string, got ${isList ? "an array" : typeof name}${advice}`);
}

/** Replaces backslashes and repeated slashes by single slashes. Callers refuse dot segments, which stay. */
function collapse(path: string): string {
  if (!path.includes("\\") && !path.includes("//")) return path; // the usual case, and much faster
  return path.replace(/[/\\]+/g, "/");
}

/**
 * Normalizes a name, and checks that it stays below the storage's location.
 *
 * @returns The normalized name.
 * @throws {SuspiciousNameError} If the name is absolute, has dot segments or is not Unicode. A name with dot segments
 * is refused even if it stays below the location: URLs cannot contain such segments.
 */
export function checkName(name: string): string {
  const clean = cleanName(name);
  if (clean.startsWith("/")) {
    throw new SuspiciousNameError(
      `Attempted access to '${name}' denied: a name cannot begin with a slash. Use '${clean.slice(1)}' instead.`,
    );
  }
  if (DOT_SEGMENT.test(name) && !CURRENT_FOLDER.test(name)) {
    throw new SuspiciousNameError(
      `Attempted access to '${name}' denied: a name cannot have '.' or '..' segments`,
    );
  }
  if (!clean.isWellFormed() || clean.includes("\0")) {
    throw new SuspiciousNameError(
      `A name must be Unicode without NUL and lone surrogates, got ${JSON.stringify(name)}`,
    );
  }
  return clean;
}

/**
 * Whether a listed object can be opened by this name. One that another program stored as `a//b` cannot: the name would be
 * normalized to `a/b`.
 */
export function isName(name: string): boolean {
  try {
    return checkName(name) === name;
  } catch {
    return false;
  }
}

/**
 * The full key of a name: the location followed by the name.
 *
 * @param prefix The location, as {@linkcode locationPrefix} returns it.
 * @throws {SuspiciousNameError} If {@linkcode checkName} refuses the name, or the key is too long.
 */
export function resolveKey(prefix: string, name: string): string {
  const key = prefix + checkName(name);
  if (key.length * 3 <= MAX_KEY_BYTES) return key; // no UTF-16 unit takes more than 3 bytes
  const byteLength = encodeUtf8(key).byteLength;
  if (byteLength > MAX_KEY_BYTES) {
    throw new SuspiciousNameError(
      `Name '${
        name.slice(0, 40)
      }…' must have at most ${MAX_KEY_BYTES} bytes of UTF-8 with its location, got ${byteLength}`,
    );
  }
  return key;
}

/** Spellings of the current folder, the only names with a dot segment that are accepted. */
const CURRENT_FOLDER = /^\.[/\\]?$/;

/**
 * The location as a prefix of keys: empty, or with a trailing slash.
 *
 * @throws {ConfigurationError} If it starts with a slash, has dot segments or is not Unicode.
 */
export function locationPrefix(location: string): string {
  const clean = collapse(location);
  if (clean.startsWith("/")) {
    throw new ConfigurationError(
      `location cannot begin with a leading slash. Found '${location}'. Use '${clean.slice(1)}' instead.`,
    );
  }
  if (DOT_SEGMENT.test(clean) || !clean.isWellFormed()) {
    throw new ConfigurationError(
      `location must be Unicode without "." and ".." segments, got ${JSON.stringify(location)}`,
    );
  }
  return clean === "" || clean.endsWith("/") ? clean : `${clean}/`;
}

/** @throws {SuspiciousNameError} If the name is empty, or the name of a folder. */
export function checkFileName(name: string): void {
  checkText(name);
  const last = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  if (last === "" || DOT_SEGMENT.test(last)) {
    throw new SuspiciousNameError(`Could not derive file name from '${name}'`);
  }
}

/**
 * Makes a file name safe: trims it, turns spaces into underscores, and keeps letters, digits, `_`, `-` and `.` only.
 *
 * Source: Django's `get_valid_filename`. Here combining marks are kept too, except those of emoji: names in many scripts need
 * them. And a name of which only the extension is left gets the root `file`: Django makes `.png` of an emoji and `.png`, a
 * name without an extension, whose alternatives would be `.png_AbC1234`.
 *
 * @throws {SuspiciousNameError} If nothing usable is left.
 */
export function validName(name: string): string {
  const trimmed = name.trim();
  const valid = trimmed.replaceAll(" ", "_").replace(/\p{So}\p{M}*|[^\p{L}\p{M}\p{N}_.-]/gu, "");
  if (valid === "" || DOT_SEGMENT.test(valid)) {
    throw new SuspiciousNameError(`Could not derive file name from '${name}'`);
  }
  return valid[0] === "." && trimmed[0] !== "." ? `file${valid}` : valid;
}

/**
 * Makes the last part of a path safe.
 *
 * @param valid Makes a file's name safe.
 * @throws {SuspiciousNameError} If the folder has a `..` segment.
 */
export function validPath(path: string, valid: (name: string) => string): string {
  const forward = collapse(path);
  const start = forward.lastIndexOf("/") + 1;
  const folder = forward.slice(0, start).replace(/(^|\/)(\.\/)+/g, "$1");
  if (folder.split("/").includes("..")) {
    throw new SuspiciousNameError(`Detected path traversal attempt in '${folder}'`);
  }
  return folder + valid(forward.slice(start));
}

/** Splits a name into folder, root and extension. A leading dot of a file name does not start an extension. */
function splitName(name: string): { readonly folder: string; readonly root: string; readonly extension: string } {
  const extension = /[^/](\.[^./]*)$/.exec(name)?.[1] ?? "";
  const start = name.lastIndexOf("/") + 1;
  return { folder: name.slice(0, start), root: name.slice(start, name.length - extension.length), extension };
}

/**
 * Shortens a name to a number of characters by cutting its root; folder, suffix and extension stay.
 *
 * @param suffix Text to insert between root and extension.
 * @throws {SuspiciousNameError} If nothing of the root is left.
 */
export function fitName(name: string, maxLength: number | undefined, suffix = ""): string {
  if (maxLength === undefined && suffix === "") return name;
  return alternativeName(name, maxLength, (root, extension) => root + suffix + extension);
}

/**
 * Makes an alternative name in the same folder. If it is too long, it is made once more from a root shortened by the excess.
 *
 * @param alternative Makes an alternative file name from a root and an extension.
 * @throws {SuspiciousNameError} If nothing of the root is left.
 * @throws {TypeError} If `maxLength` is no number.
 */
export function alternativeName(
  name: string,
  maxLength: number | undefined,
  alternative: (root: string, extension: string) => string,
): string {
  const { folder, root, extension } = splitName(name);
  const other = folder + alternative(root, extension);
  if (typeof (maxLength ?? 0) !== "number") {
    throw new TypeError(`Cannot shorten '${name}': maxLength must be a number, got ${formatValue(maxLength)}`);
  }
  const excess = maxLength === undefined ? 0 : [...other].length - maxLength;
  if (excess <= 0) return other;
  const characters = [...root];
  if (!(characters.length > excess)) {
    throw new SuspiciousNameError(
      `Cannot shorten '${name}' to ${maxLength} characters: nothing of the file name would be left`,
    );
  }
  return folder + alternative(characters.slice(0, -excess).join(""), extension);
}

/** Seven random characters, for an alternative name. */
export function randomSuffix(): string {
  let suffix = "";
  while (suffix.length < SUFFIX_LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(SUFFIX_LENGTH * 2))) {
      // 248 is the largest multiple of 62 in a byte: larger bytes would make some characters more likely than others.
      if (byte < 248 && suffix.length < SUFFIX_LENGTH) suffix += SUFFIX_ALPHABET[byte % 62];
    }
  }
  return suffix;
}
