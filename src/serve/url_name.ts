import { isName, MAX_KEY_BYTES } from "../storage/contract/names.ts";

/** A path with a name in it, all of it escaped, is no longer, unless its prefix is longer than its name may be. */
const MOST_CHARACTERS = 2 * 3 * MAX_KEY_BYTES;

/** A path as its segments, decoded; `undefined` if an escape is malformed, or stands for a separator. */
function segmentsOf(path: string): string[] | undefined {
  if (path.length > MOST_CHARACTERS) return undefined;
  try {
    const segments = path.split("/").map(decodeURIComponent);
    // Written in an escape, a separator would pass rules for folders that are judged before, in a proxy or a router.
    return segments.some((segment) => /[/\\]/.test(segment)) ? undefined : segments;
  } catch {
    return undefined;
  }
}

/**
 * The segments of a prefix, to compare paths with.
 *
 * @throws {TypeError} If it is not the beginning of a URL's path.
 */
export function checkPrefix(prefix: string): readonly string[] {
  const path = typeof prefix === "string" && /^\/[^?#\\]*$/.test(prefix) ? prefix.replace(/\/$/, "") : undefined;
  const segments = path === undefined ? undefined : segmentsOf(path)?.slice(1);
  if (segments?.every((segment) => isName(segment) && segment !== "")) return segments;
  const got = typeof prefix === "string" ? JSON.stringify(prefix) : typeof prefix;
  throw new TypeError(`Cannot serve: prefix must be the beginning of a URL's path, such as "/files/", got ${got}`);
}

/**
 * The name that a URL stands for, by its path below a prefix.
 *
 * @param prefix The segments of the prefix.
 * @returns The name; `undefined` where the path is outside the prefix or malformed, or no file can have such a name.
 */
export function nameFromUrl(url: string, prefix: readonly string[]): string | undefined {
  const segments = URL.canParse(url) ? segmentsOf(new URL(url).pathname)?.slice(1) : undefined;
  if (segments === undefined || !prefix.every((segment, index) => segments[index] === segment)) return undefined;
  const name = segments.slice(prefix.length).join("/");
  return name !== "" && isName(name) ? name : undefined;
}
