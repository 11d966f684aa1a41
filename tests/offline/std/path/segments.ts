/** Shared by the stand-ins for `@std/path` on POSIX systems and on Windows. */

/** @throws {TypeError} If the path is not a string. */
export function assertPath(path: unknown): asserts path is string {
  if (typeof path !== "string") throw new TypeError(`Path must be a string, received "${JSON.stringify(path)}"`);
}

/** @throws {TypeError} If the URL has another scheme than `file:`. */
export function assertFileUrl(url: URL | string): URL {
  const parsed = url instanceof URL ? url : new URL(url);
  if (parsed.protocol === "file:") return parsed;
  throw new TypeError(`URL must be a file URL: received "${parsed.protocol}"`);
}

/** @throws {TypeError} If the path is relative. */
export function assertAbsolute(path: string, isAbsolute: boolean): void {
  if (!isAbsolute) throw new TypeError(`Path must be absolute: received "${path}"`);
}

/** Removes `.`, `..` and empty segments; keeps leading `..` segments where `aboveStart` allows them. */
export function normalizeSegments(
  segments: readonly string[],
  separator: string,
  { aboveStart }: { readonly aboveStart: boolean },
): string {
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (aboveStart) kept.push("..");
  }
  return kept.join(separator);
}

/** The last segment without the suffix; one separator for a path of separators alone. */
export function lastSegment(path: string, separators: RegExp, suffix: string): string {
  if (typeof suffix !== "string") {
    throw new TypeError(`Suffix must be a string, received "${JSON.stringify(suffix)}"`);
  }
  const segment = path.split(separators).findLast((segment) => segment !== "") ?? path.slice(0, 1);
  return suffix.length < segment.length && segment.endsWith(suffix)
    ? segment.slice(0, -suffix.length || undefined)
    : segment;
}

/** What follows the last dot of a segment, with the dot; `.profile` and `..` have no extension. */
export function extensionOf(segment: string): string {
  const dot = segment.lastIndexOf(".");
  return dot > 0 && segment !== ".." ? segment.slice(dot) : "";
}

/** A path for `URL.pathname`, which drops or changes some white space unless it is encoded. */
export function encodeWhitespace(path: string): string {
  return path.replace(
    /[\t\n\v\f\r ]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** Decodes a URL's path; a percent sign that encodes nothing is kept. */
export function decodePath(pathname: string): string {
  return decodeURIComponent(pathname.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
}

/** @throws {TypeError} If the runtime has no working directory. */
export function workingDirectory(message: string): string {
  const { process } = globalThis as { process?: { cwd?(): string } };
  if (typeof process?.cwd !== "function") throw new TypeError(message);
  return process.cwd();
}

/** The segments that lead from one path to another, and how many segments both have in common. */
export function relativeSegments(
  from: readonly string[],
  to: readonly string[],
  isSame: (one: string, other: string) => boolean,
): { readonly common: number; readonly segments: string[] } {
  let common = 0;
  while (common < from.length && common < to.length && isSame(from[common]!, to[common]!)) common++;
  return { common, segments: [...from.slice(common).map(() => ".."), ...to.slice(common)] };
}
