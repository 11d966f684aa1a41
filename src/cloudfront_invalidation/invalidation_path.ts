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
 * import { invalidationPath } from "@storages/s3/cloudfront_invalidation";
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

function encodeUnsafe(character: string): string {
  if (PLAIN.test(character)) return character;
  // What encodeURIComponent leaves.
  if (character === "*") return "%2A";
  if (character === "~") return "%7E";
  return encodeURIComponent(character);
}
