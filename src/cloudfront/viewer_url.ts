/** The query parameters of signatures, which CloudFront removes before it compares the URL. */
export const SIGNING_PARAMETER = /^(Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)$/;

/**
 * Normalizes a URL like browsers do, with a lower-case host and percent-encoding, as CloudFront compares that form.
 *
 * @param action What the URL is for, for messages.
 * @throws {TypeError} If it is not an absolute http URL, or cannot be signed.
 */
export function viewerUrl(url: string | URL, action: string = `sign '${url}'`): string {
  const text = String(url);
  let href = "";
  try {
    href = new URL(text).href;
  } catch { /* refused next */ }
  // Resolving . and .., as browsers do, would sign another file than the named one.
  const right = !/^https?:\/\/[^/@]+\//.test(href)
    ? "be absolute http without a user"
    : /[\\\n\r\t]|^[^?#]*\/(\.|%2e){1,2}([/?#]|$)/i.test(text)
    ? "not have a segment . or .., a backslash or a line break"
    : href.includes("#")
    ? "not have a fragment: write # in a name as %23"
    : href.split(/[?&]/).slice(1).some((parameter) => SIGNING_PARAMETER.test(parameter.split("=")[0]!))
    ? "not have parameters of CloudFront signatures"
    : undefined;
  if (right) throw new TypeError(`Cannot ${action}: the URL must ${right}`);
  return href;
}
