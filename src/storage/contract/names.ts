import { ConfigurationError, SuspiciousNameError } from "../../errors.ts";

/** The longest key, in bytes of UTF-8: S3's limit, kept by every storage so that names can move between them. */
export const MAX_KEY_BYTES = 1024;

/** Characters of the suffix that makes a taken name free; 62^7 of them. */
const SUFFIX_LENGTH = 7;
const SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** What no name may have between its slashes. */
const DOT_SEGMENT = /(^|[/\\])\.\.?([/\\]|$)/;

/**
 * The name as it is stored: slashes only forward, and one at a time. A slash at the end stays; `.` is the empty name.
 *
 * Source: `clean_name` of django-storages, with the backslashes turned before the rest is looked at, not after.
 */
export function cleanName(name: string): string {
  checkText(name);
  const clean = collapse(name);
  return clean === "." || clean === "./" ? "" : clean;
}

function checkText(name: unknown): void {
  if (typeof name !== "string") throw new TypeError(`A name must be a string: it is of type ${typeof name}`);
}

/** Slashes only forward, and one at a time. Dot segments are left: whoever gets one refuses it. */
function collapse(path: string): string {
  if (!path.includes("\\") && !path.includes("//")) return path; // nearly every time, and in a fraction of the time
  return path.replace(/[/\\]+/g, "/");
}

/**
 * Cleans a name and makes sure that it stays inside.
 *
 * @returns The name as it is stored.
 * @throws {SuspiciousNameError} If the name is absolute, has dot segments or is not Unicode. A name with dot segments
 * is refused even where it would stay inside: no URL could carry it, and no name needs it.
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
      `Attempted access to '${name}' denied: a name cannot have '.' or '..' segments, nor leave the storage's location`,
    );
  }
  if (!clean.isWellFormed() || clean.includes("\0")) {
    throw new SuspiciousNameError(`A name must be Unicode without NUL or lone surrogates: ${JSON.stringify(name)}`);
  }
  return clean;
}

/**
 * Whether a listed object can be asked for by this name. One that other programs stored as `a//b` cannot: asked for, it
 * would be taken for `a/b`.
 */
export function isName(name: string): boolean {
  try {
    return checkName(name) === name;
  } catch {
    return false;
  }
}

/**
 * The full key of a name: the location, which no name leaves, and the name.
 *
 * @param prefix The location, as {@linkcode locationPrefix} gives it.
 * @throws {SuspiciousNameError} If {@linkcode checkName} refuses the name, or the key is too long.
 */
export function resolveKey(prefix: string, name: string): string {
  const key = prefix + checkName(name);
  if (key.length * 3 <= MAX_KEY_BYTES) return key; // no UTF-16 unit takes more than 3 bytes
  const byteLength = new TextEncoder().encode(key).byteLength;
  if (byteLength > MAX_KEY_BYTES) {
    throw new SuspiciousNameError(
      `A name must have at most ${MAX_KEY_BYTES} bytes of UTF-8, location included: ` +
        `'${name.slice(0, 40)}…' has ${byteLength}`,
    );
  }
  return key;
}

/** The ways to say "right here": the one place where a dot is welcome. */
const CURRENT_FOLDER = /^\.[/\\]?$/;

/**
 * A location as a prefix of keys: empty, or with one slash at its end.
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
      `location must be Unicode, without the segments "." and "..": current value is ${JSON.stringify(location)}`,
    );
  }
  return clean === "" || clean.endsWith("/") ? clean : `${clean}/`;
}

/** @throws {SuspiciousNameError} If the name is that of a folder, or of nothing. */
export function checkFileName(name: string): void {
  checkText(name);
  const last = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  if (last === "" || DOT_SEGMENT.test(last)) {
    throw new SuspiciousNameError(`Could not derive file name from '${name}'`);
  }
}

/**
 * A file name made safe: trimmed, spaces as underscores, and nothing but letters, digits, `_`, `-` and `.`.
 *
 * Source: Django's `get_valid_filename`; combining marks are kept here, since names in many scripts need them.
 *
 * @throws {SuspiciousNameError} If nothing usable is left.
 */
export function validName(name: string): string {
  const valid = name.trim().replaceAll(" ", "_").replace(/[^\p{L}\p{M}\p{N}_.-]/gu, "");
  if (valid === "" || DOT_SEGMENT.test(valid)) {
    throw new SuspiciousNameError(`Could not derive file name from '${name}'`);
  }
  return valid;
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

/** Takes a name apart; a dot at the beginning of a file's name begins no extension. */
function splitName(name: string): { readonly folder: string; readonly root: string; readonly extension: string } {
  const extension = /[^/](\.[^./]*)$/.exec(name)?.[1] ?? "";
  const start = name.lastIndexOf("/") + 1;
  return { folder: name.slice(0, start), root: name.slice(start, name.length - extension.length), extension };
}

/**
 * Shortens a name to a number of characters, at the end of its root, so that folder, suffix and extension stay.
 *
 * @param suffix What is put between root and extension.
 * @throws {SuspiciousNameError} If nothing of the root is left.
 */
export function fitName(name: string, maxLength: number | undefined, suffix = ""): string {
  if (maxLength === undefined && suffix === "") return name;
  return alternativeName(name, maxLength, (root, extension) => root + suffix + extension);
}

/**
 * Makes another name in the same folder. If it is too long, it is made once more from a root that is shorter by as much.
 *
 * @param alternative Makes a file's other name from its root and its extension.
 * @throws {SuspiciousNameError} If nothing of the root is left.
 */
export function alternativeName(
  name: string,
  maxLength: number | undefined,
  alternative: (root: string, extension: string) => string,
): string {
  const { folder, root, extension } = splitName(name);
  const other = folder + alternative(root, extension);
  const excess = maxLength === undefined ? 0 : [...other].length - maxLength;
  if (excess <= 0) return other;
  const characters = [...root];
  if (!(characters.length > excess)) {
    throw new SuspiciousNameError(
      `Cannot shorten '${name}' to ${maxLength} characters: nothing of the file's name would be left`,
    );
  }
  return folder + alternative(characters.slice(0, -excess).join(""), extension);
}

/** Seven random characters, which make a taken name free. */
export function randomSuffix(): string {
  let suffix = "";
  while (suffix.length < SUFFIX_LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(SUFFIX_LENGTH * 2))) {
      // 248 is the largest multiple of 62 in a byte; what is above would make some characters likelier.
      if (byte < 248 && suffix.length < SUFFIX_LENGTH) suffix += SUFFIX_ALPHABET[byte % 62];
    }
  }
  return suffix;
}
