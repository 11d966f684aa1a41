import { trimEnd } from "../../kit/text/trim_end.ts";
import { SuspiciousNameError } from "../../errors.ts";
import { isWindows } from "../../runtime/platform.ts";

/** What names of our own files and folders on disk begin with. */
export const RESERVED = ".storages";

/** What a folder is called after that holds the rest of a longer name. */
export const CONTINUED = ".storages-more";

/** The most bytes of a name on disk; S3 has longer ones. */
const MOST_BYTES = 255;

/**
 * What Windows takes for a drive, a stream, a device or another name. A device's name counts with any extension, and with
 * spaces before that.
 *
 * Source: Microsoft, "Naming Files, Paths, and Namespaces"; `CONIN$` and `CONOUT$`: "Console Handles".
 */
const NO_WINDOWS_NAME = /[<>:"|?*\p{Cc}]|[. ]$|^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)/iu;

/** The second name, of 8 and 3 characters, that Windows gives a file: `STORAG~1` opens `.storages`. */
const SHORT_WINDOWS_NAME = /^(?=[^.]{2,8}(\.|$))[^.]*~\d+(\.[^.]{0,3})?$/;

/**
 * Whether a disk may take a name for one of ours, the private folder among them.
 *
 * File systems fold names, each in its own way: NTFS, APFS, ext4 and vfat fold case, ext4 by Unicode's full folding (`ſ` is
 * `s`), HFS+ and ext4 pass over characters that nobody sees, Windows drops dots and spaces at the end. Here all of it counts,
 * and Unicode's compatibility forms beside it, whatever the disk is: a name that one disk takes is a name on every disk.
 */
export function isReserved(name: string): boolean {
  const folded = isAscii(name) ? name.toLowerCase() : foldName(name);
  return folded.startsWith(RESERVED) || trimEnd(folded, ". ").endsWith(CONTINUED);
}

/** Whether a name is one that we give: that of the private folder, or of a file that is being written. */
export function isOwn(name: string): boolean {
  return name === RESERVED || /^-[0-9a-f-]{36}$/.test(name.slice(RESERVED.length)) && name.startsWith(RESERVED);
}

function foldName(name: string): string {
  return name.normalize("NFKD").replace(/\p{Default_Ignorable_Code_Point}/gu, "").toUpperCase().toLowerCase();
}

function isAscii(name: string): boolean {
  return !/[^\x20-\x7e]/.test(name);
}

/**
 * Whether only the disk can tell if a name is another name of the private folder: one with characters that it may fold in a
 * way not known here, or a short name of Windows. Of all others {@linkcode isReserved} tells.
 */
export function mayBeAlias(name: string): boolean {
  return name.includes("~") || !isAscii(name);
}

/**
 * A part of a key as names on disk: more than one where it is too long.
 *
 * @throws {SuspiciousNameError} If it is kept for the storage, or is none on this platform.
 */
export function diskNames(part: string): string[] {
  const names = split(part);
  if (isWindows() && [part, ...names].some((name) => NO_WINDOWS_NAME.test(name) || SHORT_WINDOWS_NAME.test(name))) {
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
  if (part.length * 3 <= MOST_BYTES) return [part]; // no UTF-16 unit takes more than 3 bytes
  if (byteLength(part) <= MOST_BYTES) return [part];
  const names = [""];
  let room = MOST_BYTES - CONTINUED.length;
  for (const character of part) {
    const length = byteLength(character);
    if ((room -= length) < 0) {
      names.push("");
      room = MOST_BYTES - CONTINUED.length - length;
    }
    names[names.length - 1] += character;
  }
  return names.map((name, index) => index === names.length - 1 ? name : name + CONTINUED);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
