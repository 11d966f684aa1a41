import { basename, dirname, join } from "@std/path/posix";
import { trimEnd } from "../../kit/text/trim_end.ts";

/** A place in a text that names another file. */
export interface Reference {
  /** Where it begins in the text. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
  /** What it says, with escapes resolved. */
  readonly url: string;
  /** What stands there instead, for another URL. */
  readonly write: (url: string) => string;
  /** Whether it may well be that there is no such file: pages work without a source map. */
  readonly isOptional?: boolean;
}

/** A file that a reference leads to. */
export interface ReferenceTarget {
  /** Its name; one that begins with `../../` is outside. */
  readonly name: string;
  /** The part of the reference's URL that stays as it is after the name. */
  readonly suffix: string;
}

/**
 * The file that a reference means; `undefined` where it is none of ours: a URL with a scheme or a host, a fragment, a folder,
 * an absolute path elsewhere.
 *
 * @param from The file that the reference is in.
 * @param staticUrl What absolute paths of our files begin with.
 */
export function targetOf(url: string, from: string, staticUrl: string | undefined): ReferenceTarget | undefined {
  const [, path, suffix] = /^([^?#]*)([^]*)$/.exec(url) as unknown as [string, string, string];
  if (/(?:^|\/)\.{0,2}$/.test(path) || /^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(path)) return undefined;
  if (!path.startsWith("/")) return { name: nameFrom(dirname(from), path), suffix };
  if (staticUrl === undefined || !path.startsWith(staticUrl)) return undefined;
  return { name: nameFrom(".", path.slice(staticUrl.length)), suffix };
}

/** The URL with the hash that the target's stored name has: its folder, its way of escaping and its suffix stay. */
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

/** Percent-encoding resolved, where it is one. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The line of a text that an offset is in, from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|[\n\r\f]/).length;
}

/** The text with references replaced. They must be in order, and not overlap. */
export function replaced(text: string, replacements: readonly { reference: Reference; url: string }[]): string {
  let result = "";
  let position = 0;
  for (const { reference: { start, end, write }, url } of replacements) {
    result += text.slice(position, start) + write(url);
    position = end;
  }
  return result + text.slice(position);
}
