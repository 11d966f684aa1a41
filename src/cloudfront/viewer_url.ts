/** A parameter that CloudFront keeps for itself: it takes it out of the URL before it compares. */
export const SIGNING_PARAMETER = /^(Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)$/;

/**
 * The URL as viewers ask for it, which is what CloudFront compares: host in lower case, characters percent-encoded as
 * browsers do it.
 *
 * @throws {TypeError} If it is not an absolute http URL, or one that cannot be signed as it is.
 */
export function viewerUrl(url: string | URL): string {
  const text = String(url);
  let href = "";
  try {
    href = new URL(text).href;
  } catch { /* refused next */ }
  // Resolving . and .., as browsers do, would sign another file than the one that was named.
  const why = !/^https?:\/\/[^/@]+\//.test(href)
    ? "that is not absolute http, or names a user"
    : /[\\\n\r\t]|^[^?#]*\/(\.|%2e){1,2}([/?#]|$)/i.test(text)
    ? "with a segment . or .., a backslash or a line break"
    : href.includes("#")
    ? "with a fragment: write # in a name as %23"
    : href.split(/[?&]/).slice(1).some((parameter) => SIGNING_PARAMETER.test(parameter.split("=")[0]!))
    ? "with a parameter of CloudFront's signatures"
    : undefined;
  if (why) throw new TypeError(`Cannot sign '${text}', as it is a URL ${why}`);
  return href;
}
