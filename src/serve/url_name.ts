import { isName, MAX_KEY_BYTES } from "../storage/contract/names.ts";

/** The most characters of a path: a prefix and a name of the longest size, fully percent-encoded. */
const MAX_CHARACTERS = 2 * 3 * MAX_KEY_BYTES;

/** The decoded segments of a path; `undefined` if an escape is malformed, or encodes a separator. */
function segmentsOf(path: string): string[] | undefined {
  if (path.length > MAX_CHARACTERS) return undefined;
  try {
    const segments = path.split("/").map(decodeURIComponent);
    // An escaped separator would bypass rules for folders in a proxy or a router.
    return segments.some((segment) => /[/\\]/.test(segment)) ? undefined : segments;
  } catch {
    return undefined;
  }
}

/**
 * The segments of a prefix, to compare paths with.
 *
 * @throws {TypeError} If it is not the start of a URL's path.
 */
export function checkPrefix(prefix: string): readonly string[] {
  const path = typeof prefix === "string" && /^\/[^?#\\]*$/.test(prefix) ? prefix.replace(/\/$/, "") : undefined;
  const segments = path === undefined ? undefined : segmentsOf(path)?.slice(1);
  if (segments?.every((segment) => isName(segment) && segment !== "")) return segments;
  const got = typeof prefix === "string" ? JSON.stringify(prefix) : typeof prefix;
  throw new TypeError(`Cannot serve: prefix must be the start of a URL's path, such as "/files/", got ${got}`);
}

/**
 * The name in a URL: its path below a prefix, decoded.
 *
 * @param prefix The segments of the prefix.
 * @returns The name; `undefined` if the path is outside the prefix or malformed, or is not a valid name.
 */
export function nameFromUrl(url: string, prefix: readonly string[]): string | undefined {
  const segments = URL.canParse(url) ? segmentsOf(new URL(url).pathname)?.slice(1) : undefined;
  if (segments === undefined || !prefix.every((segment, index) => segments[index] === segment)) return undefined;
  const name = segments.slice(prefix.length).join("/");
  return name !== "" && isName(name) ? name : undefined;
}
