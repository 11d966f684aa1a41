/**
 * Stands in for the functions of `@std/path/posix` where JSR cannot be reached.
 *
 * Written out rather than taken from npm: path-browserify carries everything it has into a bundle, which would make the
 * weights of the entries a kilobyte heavier here than with `@std/path`.
 */

export function normalize(path: string | URL): string {
  const text = textOf(path);
  const isAbsolute = text.startsWith("/");
  const segments: string[] = [];
  for (const segment of text.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.length > 0 && segments.at(-1) !== "..") segments.pop();
    else if (!isAbsolute) segments.push("..");
  }
  const joined = segments.join("/") || (isAbsolute ? "" : ".");
  return (isAbsolute ? "/" : "") + joined + (joined !== "" && text.endsWith("/") ? "/" : "");
}

export function join(path?: string | URL, ...paths: string[]): string {
  const texts = [path === undefined ? "" : textOf(path), ...paths.map(textOf)];
  return normalize(texts.filter((text) => text !== "").join("/"));
}

export function extname(path: string | URL): string {
  const name = lastSegment(textOf(path));
  const dot = name.lastIndexOf(".");
  return dot <= 0 || name === ".." ? "" : name.slice(dot);
}

export function basename(path: string | URL, suffix = ""): string {
  const text = textOf(path);
  const name = lastSegment(text);
  if (name === "") return text === "" ? "" : "/";
  return suffix.length < name.length && name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : name;
}

export function dirname(path: string | URL): string {
  const text = textOf(path);
  const parent = withoutSlashes(text).replace(/[^/]*$/, "");
  if (parent === "") return text.startsWith("/") ? "/" : ".";
  return withoutSlashes(parent) || "/";
}

function lastSegment(text: string): string {
  return withoutSlashes(text).split("/").at(-1)!;
}

function withoutSlashes(text: string): string {
  return text.replace(/\/+$/, "");
}

function textOf(path: string | URL): string {
  if (typeof path === "string") return path;
  if (!(path instanceof URL)) throw new TypeError(`Path must be a string, received "${JSON.stringify(path)}"`);
  if (path.protocol !== "file:") throw new TypeError(`URL must be a file URL: received "${path.protocol}"`);
  return decodeURIComponent(path.pathname.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
}
