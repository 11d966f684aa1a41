/** Percent-encodes all but the unreserved characters of RFC 3986, section 2.3: what SigV4 calls URI encoding. */
export function encodeRfc3986(text: string): string {
  // Most texts have nothing to encode, and to see that takes a third of the time of encoding.
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Percent-encodes a key for a URL's path: as {@linkcode encodeRfc3986}, with the slashes left as they are. */
export function encodeKey(key: string): string {
  if (/^[\w.~/-]*$/.test(key)) return key;
  return encodeRfc3986(key).replaceAll("%2F", "/");
}

/** Name and value pairs as a query string, in the order given. */
export function encodeQuery(pairs: Iterable<readonly [string, string]>): string {
  return Array.from(pairs, (pair) => pair.map(encodeRfc3986).join("=")).join("&");
}
