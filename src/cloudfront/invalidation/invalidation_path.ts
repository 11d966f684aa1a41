import { invalidArgument, invalidNumber, type NoneMissing } from "../../kit/values/argument.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { checkOptions } from "../../kit/values/options.ts";

/** The longest path that CloudFront accepts, in characters. */
const MAX_CHARACTERS = 4000;

/**
 * Characters of a key that need no encoding in a path. AWS requires encoding for all others: non-ASCII characters, the
 * unsafe ones of RFC 1738 (also the tilde, which `encodeURI` keeps), and those with a special meaning: `%`, `?`, `#`
 * and `*`.
 */
const PLAIN = /^[A-Za-z0-9/\-_.!$&'()+,;=:@]$/;

/**
 * Returns the path that invalidates one file, from its key or its name in URLs. {@linkcode createInvalidation} and
 * CloudFront accept every such path, and characters of the key are never wildcards, so one unusual name does not cause
 * the refusal of a whole request.
 *
 * A path of more than 4,000 characters, longer than for any key of S3, is cut and ends with the wildcard `*`.
 *
 * AWS: "What you need to know when invalidating files", in the CloudFront Developer Guide; RFC 1738, section 2.2.
 *
 * @param key The key, without a leading slash; empty for the root.
 * @returns The path: a slash and the percent-encoded key. Append a `*` for all keys with that prefix.
 * @throws {TypeError} If the key is not text.
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
  if (typeof key !== "string") throw invalidArgument("make invalidation path", "key", "text", key);
  let path = "/";
  for (const character of key.toWellFormed()) {
    const encoded = encodeUnsafe(character);
    if (path.length + encoded.length >= MAX_CHARACTERS) return `${path}*`;
    path += encoded;
  }
  return path;
}

/** Names of documents that are also served and cached under the path of their folder. */
const INDEX_DOCUMENT = /(^|\/)index\.html?$/;

/**
 * The location of the files of {@linkcode invalidationPaths}, and the limit of paths.
 *
 * @example
 * ```ts
 * import { type InvalidationPathsOptions, invalidationPaths } from "@storages/s3/cloudfront/invalidation";
 * import { assertEquals } from "@std/assert";
 *
 * const options: InvalidationPathsOptions = { location: "static/", maxPaths: 2 };
 * assertEquals(invalidationPaths(["a.css", "b.css"], options), ["/static/a.css", "/static/b.css"]);
 * assertEquals(invalidationPaths(["a.css", "b.css", "c.css"], options), ["/static/*"]);
 * ```
 */
export interface InvalidationPathsOptions {
  /**
   * The folder of the names: the `location` of a storage, with a trailing slash.
   * @default {""}
   */
  readonly location?: string | undefined;
  /**
   * The most paths to return. CloudFront accepts up to 3,000 in a request and bills each; one with a `*` is billed as
   * one.
   * @default {30}
   */
  readonly maxPaths?: number | undefined;
}

const NAMES = ["location", "maxPaths"] as const satisfies readonly (keyof InvalidationPathsOptions)[];
type _Names = NoneMissing<Exclude<keyof InvalidationPathsOptions, typeof NAMES[number]>>;

/**
 * Returns the paths that invalidate files, for one request of {@linkcode createInvalidation}. For an index document,
 * `index.html` or `index.htm`, the path of its folder is added, under which it is cached too. If there are more than
 * `maxPaths`, the result is one path for the whole location.
 *
 * @param names Names in the location, such as those that `collect(storage, { invalidate })` passes.
 * @param options The location and the limit of paths.
 * @returns Paths as of {@linkcode invalidationPath}, each once.
 * @throws {RangeError} If `maxPaths` is less than 1 or not an integer.
 * @throws {TypeError} If an option is unknown, or an argument is of the wrong type.
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
  const action = "make invalidation paths";
  checkOptions(action, options, NAMES);
  const { location = "", maxPaths = 30 } = options;
  if (typeof location !== "string") throw invalidArgument(action, "location", "text", location);
  if (!isInteger(maxPaths, 1)) throw invalidNumber(action, "maxPaths", "an integer of 1 or more", maxPaths);
  // A single text is iterable too, and would give a path for each of its characters.
  if (Object(names) !== names || !(Symbol.iterator in names)) {
    throw invalidArgument(action, "names", "an array or another iterable of texts", names);
  }
  const paths = new Set<string>();
  for (const name of names) {
    if (typeof name !== "string") throw invalidArgument(action, "each name", "text", name);
    paths.add(invalidationPath(location + name));
    if (INDEX_DOCUMENT.test(name)) paths.add(invalidationPath(location + name.slice(0, name.lastIndexOf("/") + 1)));
    if (paths.size > maxPaths) return [`${invalidationPath(location)}*`];
  }
  return [...paths];
}

function encodeUnsafe(character: string): string {
  if (PLAIN.test(character)) return character;
  // encodeURIComponent() keeps these two.
  if (character === "*") return "%2A";
  if (character === "~") return "%7E";
  return encodeURIComponent(character);
}
