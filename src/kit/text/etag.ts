/**
 * Whether an ETag is one of a list, as the headers If-Match and If-None-Match have it; `*` stands for any (RFC 9110, section
 * 13.1). Quotes may be left out.
 *
 * @param etag That of what is there; `undefined` where nothing is.
 */
export function matchesETag(list: string, etag: string | undefined): boolean {
  if (etag === undefined) return false;
  const bare = (text: string): string => text.trim().replace(/^(W\/)?"(.*)"$/, "$2");
  return list.split(",").some((item) => item.trim() === "*" || bare(item) === bare(etag));
}

/** The ETag with its quotes, which some services leave out; an empty one stays empty. */
export function quotedETag(etag: string): string {
  return etag === "" || /^(W\/)?".*"$/.test(etag) ? etag : `"${etag}"`;
}
