import { basename, dirname, join } from "@std/path/posix";
import { trimEnd } from "../../kit/text/trim_end.ts";

/** A place in a text that refers to another file. */
export interface Reference {
  /** Start offset in the text. */
  readonly start: number;
  /** End offset, exclusive. */
  readonly end: number;
  /** Its URL, with escapes resolved. */
  readonly url: string;
  /** Makes the text that refers to another URL. */
  readonly write: (url: string) => string;
  /** Whether the file may be missing: pages work without a source map. */
  readonly isOptional?: boolean;
  /** Whether it has the hash of the original's bytes, so that a copy with other bytes does not fit. */
  readonly needsSameBytes?: boolean;
}

/** A file that a reference leads to. */
export interface ReferenceTarget {
  /** Its name; one that begins with `../` is outside of the sources. */
  readonly name: string;
  /** The query and the fragment of the reference's URL. */
  readonly suffix: string;
}

/**
 * The file that a reference leads to; `undefined` for URLs with a scheme or a host, fragments, folders, and absolute paths
 * that do not begin with `staticUrl`.
 *
 * @param from The file that contains the reference.
 * @param staticUrl The start of absolute paths of the site's static files.
 */
export function targetOf(url: string, from: string, staticUrl: string | undefined): ReferenceTarget | undefined {
  const [, path, suffix] = /^([^?#]*)([^]*)$/.exec(url) as unknown as [string, string, string];
  if (/(?:^|\/)\.{0,2}$/.test(path) || /^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(path)) return undefined;
  if (!path.startsWith("/")) return { name: nameFrom(dirname(from), path), suffix };
  if (staticUrl === undefined || !path.startsWith(staticUrl)) return undefined;
  return { name: nameFrom(".", path.slice(staticUrl.length)), suffix };
}

/** The URL with the hash of the target's stored name. Its folder, escaping and suffix are kept. */
export function withHashOf(url: string, { name, suffix }: ReferenceTarget, storedName: string): string {
  const path = url.slice(0, url.length - suffix.length);
  const file = basename(path);
  const stored = basename(storedName);
  // An escaped name is escaped again; a plain one stays readable.
  return path.slice(0, -file.length) + (file === basename(name) ? stored : encodeURIComponent(stored)) + suffix;
}

/** The name that a URL's path leads to from a folder. An escaped slash at its end does not count. */
function nameFrom(folder: string, path: string): string {
  return trimEnd(join(folder, decoded(path)), "/");
}

/** Decodes percent-encoding; malformed text is returned unchanged. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The line number of an offset, from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|[\n\r\f]/).length;
}

/** The text with references replaced. They must be sorted and not overlap. */
export function replaced(text: string, replacements: readonly { reference: Reference; url: string }[]): string {
  let result = "";
  let position = 0;
  for (const { reference: { start, end, write }, url } of replacements) {
    result += text.slice(position, start) + write(url);
    position = end;
  }
  return result + text.slice(position);
}
