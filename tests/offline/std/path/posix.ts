/** Stands in for `@std/path/posix` where JSR cannot be reached: the functions this project uses. */
import {
  assertAbsolute,
  assertFileUrl,
  assertPath,
  decodePath,
  encodeWhitespace,
  extensionOf,
  lastSegment,
  normalizeSegments,
  relativeSegments,
  workingDirectory,
} from "./segments.ts";

/** The separator of a path's segments. */
export const SEPARATOR = "/" as const;

/** The last segment of a path, without a suffix. */
export function basename(path: string | URL, suffix = ""): string {
  return lastSegment(textOf(path), /\//, suffix);
}

/** The path of the parent folder. */
export function dirname(path: string | URL): string {
  const text = textOf(path);
  const folder = /^(.+?)\/+[^/]+\/*$/s.exec(text)?.[1];
  if (folder === undefined) return text.startsWith("/") ? "/" : ".";
  return folder.length > 1 ? folder.replace(/(?!^)\/+$/, "") : folder;
}

/** The extension of the last segment, with its dot. */
export function extname(path: string | URL): string {
  return extensionOf(lastSegment(textOf(path), /\//, ""));
}

/** The path of a file URL. */
export function fromFileUrl(url: URL | string): string {
  return decodePath(assertFileUrl(url).pathname);
}

/** Whether the path begins at the root. */
export function isAbsolute(path: string): boolean {
  assertPath(path);
  return path.startsWith("/");
}

/** Joins paths, and normalizes the result. */
export function join(path?: URL | string, ...paths: string[]): string {
  if (path === undefined) return ".";
  const parts = [path instanceof URL ? fromFileUrl(path) : path, ...paths];
  parts.forEach(assertPath);
  const joined = parts.filter((part) => part.length > 0).join("/");
  return joined === "" ? "." : normalize(joined);
}

/** Resolves `.` and `..`, and joins repeated separators. */
export function normalize(path: string | URL): string {
  const text = textOf(path);
  const isRooted = text.startsWith("/");
  let normal = normalizeSegments(text.split("/"), "/", { aboveStart: !isRooted });
  if (normal === "" && !isRooted) normal = ".";
  if (normal !== "" && text.endsWith("/")) normal += "/";
  return isRooted ? `/${normal}` : normal;
}

/** The relative path from one path to another. */
export function relative(from: string, to: string): string {
  assertPath(from);
  assertPath(to);
  const [source, target] = [from, to].map((path) => resolve(path).split("/").filter(Boolean));
  return relativeSegments(source!, target!, (one, other) => one === other).segments.join("/");
}

/** Resolves paths one after the other, starting at the working directory, into an absolute path. */
export function resolve(...pathSegments: string[]): string {
  let resolved = "";
  for (let index = pathSegments.length - 1; index >= -1 && !resolved.startsWith("/"); index--) {
    const path = pathSegments[index] ??
      workingDirectory("Resolved a relative path without a current working directory (CWD)");
    assertPath(path);
    if (path !== "") resolved = `${path}/${resolved}`;
  }
  return `/${normalizeSegments(resolved.split("/"), "/", { aboveStart: false })}`;
}

/** The file URL of an absolute path. */
export function toFileUrl(path: string): URL {
  assertAbsolute(path, isAbsolute(path));
  const url = new URL("file:///");
  url.pathname = encodeWhitespace(path.replace(/^\/+/, "/").replaceAll("%", "%25").replaceAll("\\", "%5C"));
  return url;
}

function textOf(path: string | URL): string {
  const text = path instanceof URL ? fromFileUrl(path) : path;
  assertPath(text);
  return text;
}
