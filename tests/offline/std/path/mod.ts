/** Stands in for `@std/path` where JSR cannot be reached: the functions this project uses, by the system's rules. */
import * as posix from "./posix.ts";
import * as windows from "./windows.ts";

const isWindows = (globalThis as { process?: { platform?: string } }).process?.platform?.startsWith("win") ?? false;

/** The separator of a path's segments. */
export const SEPARATOR: "/" | "\\" = isWindows ? windows.SEPARATOR : posix.SEPARATOR;

/** The last segment of a path, without a suffix. */
export function basename(path: string | URL, suffix = ""): string {
  return isWindows ? windows.basename(path, suffix) : posix.basename(path, suffix);
}

/** The path of the parent folder. */
export function dirname(path: string | URL): string {
  return isWindows ? windows.dirname(path) : posix.dirname(path);
}

/** The extension of the last segment, with its dot. */
export function extname(path: string | URL): string {
  return isWindows ? windows.extname(path) : posix.extname(path);
}

/** The path of a file URL. */
export function fromFileUrl(url: string | URL): string {
  return isWindows ? windows.fromFileUrl(url) : posix.fromFileUrl(url);
}

/** Whether the path begins at a root. */
export function isAbsolute(path: string): boolean {
  return isWindows ? windows.isAbsolute(path) : posix.isAbsolute(path);
}

/** Joins paths, and normalizes the result. */
export function join(path: string | URL, ...paths: string[]): string {
  return isWindows ? windows.join(path, ...paths) : posix.join(path, ...paths);
}

/** Resolves `.` and `..`, and joins repeated separators. */
export function normalize(path: string | URL): string {
  return isWindows ? windows.normalize(path) : posix.normalize(path);
}

/** The relative path from one path to another. */
export function relative(from: string, to: string): string {
  return isWindows ? windows.relative(from, to) : posix.relative(from, to);
}

/** Resolves paths one after the other, starting at the working directory, into an absolute path. */
export function resolve(...pathSegments: string[]): string {
  return isWindows ? windows.resolve(...pathSegments) : posix.resolve(...pathSegments);
}

/** The file URL of an absolute path. */
export function toFileUrl(path: string): URL {
  return isWindows ? windows.toFileUrl(path) : posix.toFileUrl(path);
}
