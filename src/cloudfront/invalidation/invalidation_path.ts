import { checkInteger } from "../../kit/values/integer.ts";

/** The longest path that CloudFront takes, in characters. */
const MOST_CHARACTERS = 4000;

/**
 * Characters of a key that a path has as they are. AWS has all others encoded: those beyond ASCII, the unsafe ones of
 * RFC 1738 (among them the tilde, which `encodeURI` leaves), and what has a meaning of its own: `%`, `?`, `#` and `*`.
 */
const PLAIN = /^[A-Za-z0-9/\-_.!$&'()+,;=:@]$/;

/**
 * The path that invalidates one file, made of the key or the name that it has in URLs. It is always one that
 * {@linkcode createInvalidation} and CloudFront accept, and never a wildcard of the name's own: one odd name does not
 * have the paths of others refused.
 *
 * A key whose path has more than 4,000 characters, which no key of S3 has, is cut and ends in the wildcard `*`.
 *
 * AWS: "What you need to know when invalidating files", in the CloudFront Developer Guide; RFC 1738, section 2.2.
 *
 * @param key The key, without a slash at its beginning; empty for the root.
 * @returns The path: a slash and the key, percent-encoded. Append a `*` for all keys that begin so.
 *
 * @example
 * ```ts
 * import { invalidationPath } from "@storages/s3/cloudfront/invalidation";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(invalidationPath("static/100% *new*.html"), "/static/100%25%20%2Anew%2A.html");
 * assertEquals(invalidationPath("static/") + "*", "/static/*");
 * ```
 */
export function invalidationPath(key: string): string {
  let path = "/";
  for (const character of key.toWellFormed()) {
    const encoded = encodeUnsafe(character);
    if (path.length + encoded.length >= MOST_CHARACTERS) return `${path}*`;
    path += encoded;
  }
  return path;
}

/** Names of documents that are also served, and cached, under the path of their folder. */
const INDEX_DOCUMENT = /(^|\/)index\.html?$/;

/**
 * Where the files of {@linkcode invalidationPaths} are.
 *
 * @example
 * ```ts
 * import { type InvalidationPathsOptions, invalidationPaths } from "@storages/s3/cloudfront/invalidation";
 * import { assertEquals } from "@std/assert";
 *
 * const options: InvalidationPathsOptions = { location: "static/", mostPaths: 2 };
 * assertEquals(invalidationPaths(["a.css", "b.css"], options), ["/static/a.css", "/static/b.css"]);
 * assertEquals(invalidationPaths(["a.css", "b.css", "c.css"], options), ["/static/*"]);
 * ```
 */
export interface InvalidationPathsOptions {
  /**
   * The folder that the names are below: a storage's `location`, with a slash at its end.
   * @default {""}
   */
  readonly location?: string | undefined;
  /**
   * The most paths. CloudFront takes up to 3,000 in a request, bills each, and bills one with a `*` as one.
   * @default {30}
   */
  readonly mostPaths?: number | undefined;
}

/**
 * The paths that invalidate files, for one request of {@linkcode createInvalidation}. An index document, `index.html` or
 * `index.htm`, also counts as the path of its folder, under which it is cached too. Where there are more than `mostPaths`,
 * the one path of the whole location takes their place.
 *
 * @param names Names below the location, such as those that `collect({ invalidate })` gives.
 * @param options The location, and how many paths there may be.
 * @returns Paths as {@linkcode invalidationPath} makes them, each once.
 * @throws {RangeError} If `mostPaths` is not an integer of 1 or more.
 *
 * @example
 * ```ts
 * import { invalidationPaths } from "@storages/s3/cloudfront/invalidation";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(invalidationPaths(["docs/index.html", "a*.css"], { location: "static/" }), [
 *   "/static/docs/index.html",
 *   "/static/docs/",
 *   "/static/a%2A.css",
 * ]);
 * ```
 */
export function invalidationPaths(names: Iterable<string>, options: InvalidationPathsOptions = {}): readonly string[] {
  const { location = "", mostPaths = 30 } = options;
  checkInteger("mostPaths", mostPaths, 1);
  const paths = new Set<string>();
  for (const name of names) {
    paths.add(invalidationPath(location + name));
    if (INDEX_DOCUMENT.test(name)) paths.add(invalidationPath(location + name.slice(0, name.lastIndexOf("/") + 1)));
    if (paths.size > mostPaths) return [`${invalidationPath(location)}*`];
  }
  return [...paths];
}

function encodeUnsafe(character: string): string {
  if (PLAIN.test(character)) return character;
  // What encodeURIComponent leaves.
  if (character === "*") return "%2A";
  if (character === "~") return "%7E";
  return encodeURIComponent(character);
}
