/**
 * Whether an ETag is in a list of the form that If-Match and If-None-Match have, where `*` matches any (RFC 9110, section
 * 13.1). Quotes are optional.
 *
 * @param etag The ETag of the existing object; `undefined` if there is no object.
 */
export function matchesETag(list: string, etag: string | undefined): boolean {
  if (etag === undefined) return false;
  const bare = (text: string): string => text.trim().replace(/^(W\/)?"(.*)"$/, "$2");
  return list.split(",").some((item) => item.trim() === "*" || bare(item) === bare(etag));
}

/** Adds the quotes that some services omit; an empty ETag stays empty. */
export function quotedETag(etag: string): string {
  if (etag.length > 1 && etag.startsWith('"') && etag.endsWith('"')) return etag;
  return etag === "" || /^(W\/)?".*"$/.test(etag) ? etag : `"${etag}"`;
}

/** Adds the quotes that are missing in a list of ETags, such as that of If-Match. `*` and `W/` stay. */
export function quotedETags(list: string): string {
  return list.replace(/(W\/)?"[^"]*"|[^\s,]+/g, (item) => item === "*" ? item : quotedETag(item));
}
