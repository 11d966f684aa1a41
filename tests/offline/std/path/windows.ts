/** The rules of `@std/path` for Windows, for the stand-in beside this file. */
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

/** The separator of a path's segments; slashes are accepted too. */
export const SEPARATOR = "\\" as const;

const SEPARATORS = /[\\/]/;

/** Where a path begins: a drive or a share, the length of the root's text, and whether it is absolute. */
interface Root {
  readonly device: string;
  readonly end: number;
  readonly isAbsolute: boolean;
}

function rootOf(path: string): Root {
  const [share, host, name] = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/.exec(path) ?? [];
  if (share !== undefined) return { device: `\\\\${host}\\${name}`, end: share.length, isAbsolute: true };
  if (/^[\\/]/.test(path)) return { device: "", end: SEPARATORS.test(path[1] ?? "") ? 0 : 1, isAbsolute: true };
  if (!/^[a-z]:/i.test(path)) return { device: "", end: 0, isAbsolute: false };
  const isAbsolute = SEPARATORS.test(path[2] ?? "");
  return { device: path.slice(0, 2), end: isAbsolute ? 3 : 2, isAbsolute };
}

/** The last segment of a path, without a suffix. */
export function basename(path: string | URL, suffix = ""): string {
  return lastSegment(withoutDrive(textOf(path)), SEPARATORS, suffix);
}

/** The path of the parent folder. */
export function dirname(path: string | URL): string {
  const text = textOf(path);
  const root = rootOf(text);
  const isShare = root.device.startsWith("\\");
  if ((isShare && root.end === text.length) || /^[\\/]$/.test(text)) return text;
  const rootEnd = isShare ? root.end + 1 : root.isAbsolute && root.device === "" ? 1 : root.end || -1;
  const start = Math.max(rootEnd, 0);
  const last = /[\\/][^\\/]+[\\/]*$/.exec(text.slice(start));
  if (last === null && rootEnd === -1) return ".";
  return text.slice(0, last === null ? rootEnd : start + last.index).replace(/(?!^)\/+$/, "");
}

/** The extension of the last segment, with its dot. */
export function extname(path: string | URL): string {
  return extensionOf(lastSegment(withoutDrive(textOf(path)), SEPARATORS, ""));
}

/** The path of a file URL. */
export function fromFileUrl(url: URL | string): string {
  const { hostname, pathname } = assertFileUrl(url);
  const path = decodePath(pathname.replaceAll("/", "\\")).replace(/^\\*([A-Za-z]:)(\\|$)/, "$1\\");
  return hostname === "" ? path : `\\\\${hostname}${path}`;
}

/** Whether the path begins at a drive's root, at a share or at the current drive's root. */
export function isAbsolute(path: string): boolean {
  assertPath(path);
  return /^([a-z]:)?[\\/]/i.test(path);
}

/** Joins paths, and normalizes the result. */
export function join(path?: URL | string, ...paths: string[]): string {
  const all = path === undefined ? paths : [path instanceof URL ? fromFileUrl(path) : path, ...paths];
  all.forEach(assertPath);
  const parts = all.filter((part) => part !== "");
  if (parts.length === 0) return ".";
  const joined = parts.join("\\");
  // Two leading separators mean a share only where the first part itself has them.
  return normalize(/^[\\/]{2}[^\\/]/.test(parts[0]!) ? joined : joined.replace(/^[\\/]{2,}/, "\\"));
}

/** Resolves `.` and `..`, and joins repeated separators. */
export function normalize(path: string | URL): string {
  const text = textOf(path);
  const { device, end, isAbsolute } = rootOf(text);
  let tail = normalizeSegments(text.slice(end).split(SEPARATORS), "\\", { aboveStart: !isAbsolute });
  if (tail === "" && !isAbsolute) tail = ".";
  if (tail !== "" && /[\\/]$/.test(text)) tail += "\\";
  return `${device}${isAbsolute ? "\\" : ""}${tail}`;
}

/** The relative path from one path to another; the absolute path of the other where their roots differ. */
export function relative(from: string, to: string): string {
  const [source, target] = [from, to].map((path) => resolve(path));
  const [above, below] = [source!, target!].map((path) => path.split("\\").filter(Boolean));
  const { common, segments } = relativeSegments(
    above!,
    below!,
    (one, other) => one.toLowerCase() === other.toLowerCase(),
  );
  return common === 0 && above!.length > 0 && below!.length > 0 ? target! : segments.join("\\");
}

/** Resolves paths one after the other, starting at the working directory, into an absolute path. */
export function resolve(...pathSegments: string[]): string {
  let device = "";
  let tail = "";
  let isResolved = false;
  for (let index = pathSegments.length - 1; index >= -1 && !(isResolved && device !== ""); index--) {
    const path = pathSegments[index] ?? workingDirectoryOn(device);
    assertPath(path);
    if (path === "") continue;
    const root = rootOf(path);
    if (root.device !== "" && device !== "" && root.device.toLowerCase() !== device.toLowerCase()) continue;
    device ||= root.device;
    if (!isResolved) tail = `${path.slice(root.end)}\\${tail}`;
    isResolved ||= root.isAbsolute;
  }
  tail = normalizeSegments(tail.split(SEPARATORS), "\\", { aboveStart: !isResolved });
  return `${device}${isResolved ? "\\" : ""}${tail}` || ".";
}

/** The file URL of an absolute path. */
export function toFileUrl(path: string): URL {
  assertAbsolute(path, isAbsolute(path));
  const [, hostname, pathname] = /^(?:[/\\]{2}([^/\\]+)(?=[/\\](?:[^/\\]|$)))?(.*)/.exec(path)!;
  const url = new URL("file:///");
  url.pathname = encodeWhitespace(pathname!.replaceAll("%", "%25"));
  if (hostname !== undefined && hostname !== "localhost") {
    url.hostname = hostname;
    if (url.hostname === "") throw new TypeError(`Invalid hostname: "${url.hostname}"`);
  }
  return url;
}

/** The working directory where it is on that drive, else the drive's root. */
function workingDirectoryOn(device: string): string {
  if (device === "") {
    return workingDirectory("Resolved a drive-letter-less path without a current working directory (CWD)");
  }
  const path = workingDirectory("Resolved a relative path without a current working directory (CWD)");
  return path.slice(0, 3).toLowerCase() === `${device.toLowerCase()}\\` ? path : `${device}\\`;
}

function withoutDrive(path: string): string {
  return path.replace(/^[a-z]:/i, "");
}

function textOf(path: string | URL): string {
  const text = path instanceof URL ? fromFileUrl(path) : path;
  assertPath(text);
  return text;
}
