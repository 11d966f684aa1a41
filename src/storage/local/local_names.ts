import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { trimEnd } from "../../kit/text/trim_end.ts";
import { SuspiciousNameError } from "../../errors.ts";
import { isWindows } from "../../runtime/detect.ts";

/** The prefix of the storage's own files and folders on disk. */
export const RESERVED = ".storages";

/** The suffix of a folder that holds the rest of a longer name. */
export const CONTINUED = ".storages-more";

/** The most bytes of a name on disk; S3 allows longer ones. */
const MAX_NAME_BYTES = 255;

/**
 * Names that mean a drive, a stream, a device or another name on Windows. A device name may have any extension, with spaces
 * before it.
 *
 * Source: Microsoft, "Naming Files, Paths, and Namespaces"; `CONIN$` and `CONOUT$`: "Console Handles".
 */
const INVALID_WINDOWS_NAME = /[<>:"|?*\p{Cc}]|[. ]$|^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)/iu;

/** A short name, of 8 and 3 characters, which Windows gives each file as an alias: `STORAG~1` opens `.storages`. */
const SHORT_WINDOWS_NAME = /^(?=[^.]{2,8}(\.|$))[^.]*~\d+(\.[^.]{0,3})?$/;

/**
 * Whether a disk may treat a name as one of the storage's own names, such as that of the private folder.
 *
 * File systems fold names differently: NTFS, APFS, ext4 and vfat fold case, ext4 by Unicode's full folding (`ſ` is `s`),
 * HFS+ and ext4 ignore invisible characters, Windows drops trailing dots and spaces. This check combines all of them, and
 * Unicode's compatibility forms, on every disk, so that a name that is valid on one disk is valid on all.
 */
export function isReserved(name: string): boolean {
  const folded = isAscii(name) ? name.toLowerCase() : foldName(name);
  return folded.startsWith(RESERVED) || trimEnd(folded, ". ").endsWith(CONTINUED);
}

/** Whether the storage itself creates files of this name: the private folder, or a file that is being written. */
export function isOwn(name: string): boolean {
  return name === RESERVED || isTemporary(name);
}

/** A new name for a file that is being written. */
export function temporaryName(): string {
  return `${RESERVED}-${crypto.randomUUID()}`;
}

/** Whether a name is one of {@linkcode temporaryName}. */
export function isTemporary(name: string): boolean {
  return name.startsWith(RESERVED) && /^-[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(
    name.slice(RESERVED.length),
  );
}

function foldName(name: string): string {
  return name.normalize("NFKD").replace(/\p{Default_Ignorable_Code_Point}/gu, "").toUpperCase().toLowerCase();
}

function isAscii(name: string): boolean {
  return !/[^\x20-\x7e]/.test(name);
}

/**
 * Whether only the disk can tell if a name is an alias of the private folder: a name with characters that the disk may fold
 * in an unknown way, or a short name of Windows. For all others {@linkcode isReserved} decides.
 */
export function mayBeAlias(name: string): boolean {
  return name.includes("~") || !isAscii(name);
}

/**
 * A segment of a key as names on disk: several if it is too long for one.
 *
 * @throws {SuspiciousNameError} If the name is reserved, or invalid on this platform.
 */
export function diskNames(part: string): string[] {
  const names = split(part);
  if (
    isWindows() && [part, ...names].some((name) => INVALID_WINDOWS_NAME.test(name) || SHORT_WINDOWS_NAME.test(name))
  ) {
    throw new SuspiciousNameError(`'${part}' is not a valid file name on Windows`);
  }
  if (isReserved(part)) {
    throw new SuspiciousNameError(
      `'${part}' cannot be a name on disk: names that begin with ${RESERVED} or end with ${CONTINUED}, in any ` +
        "spelling, are reserved",
    );
  }
  return names;
}

function split(part: string): string[] {
  if (part.length * 3 <= MAX_NAME_BYTES) return [part]; // no UTF-16 unit takes more than 3 bytes
  if (byteLength(part) <= MAX_NAME_BYTES) return [part];
  const names = [""];
  let room = MAX_NAME_BYTES - CONTINUED.length;
  for (const character of part) {
    const length = byteLength(character);
    if ((room -= length) < 0) {
      names.push("");
      room = MAX_NAME_BYTES - CONTINUED.length - length;
    }
    names[names.length - 1] += character;
  }
  return names.map((name, index) => index === names.length - 1 ? name : name + CONTINUED);
}

function byteLength(text: string): number {
  return encodeUtf8(text).byteLength;
}
