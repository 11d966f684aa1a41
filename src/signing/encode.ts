/** Percent-encodes all but the unreserved characters of RFC 3986, section 2.3: what SigV4 calls URI encoding. */
export function encodeRfc3986(text: string): string {
  return encodeKey(text).replaceAll("/", "%2F");
}

/** Percent-encodes a key for a URL's path: as {@linkcode encodeRfc3986}, with the slashes left as they are. */
export function encodeKey(key: string): string {
  return encodeURI(key).replace(
    /[!#$&-*+,:;=?@]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Name and value pairs as a query string, in the order given. */
export function encodeQuery(pairs: Iterable<readonly [string, string]>): string {
  let query = "";
  for (const [name, value] of pairs) query += `${query && "&"}${encodeRfc3986(name)}=${encodeRfc3986(value)}`;
  return query;
}
