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
  const cannot = (why: string): never => {
    throw new TypeError(`Cannot sign '${text}', as ${why}`);
  };
  let href = "";
  try {
    ({ href } = new URL(text));
  } catch { /* said next */ }
  if (!/^https?:/.test(href)) cannot("it is no absolute http or https URL");
  // Resolving these, as browsers do, would sign another file than the one that was named.
  if (/[\0-\x1f\\]|^[^?#]*\/(\.|%2e){1,2}([/?#]|$)/i.test(text)) {
    cannot("it has a backslash, a control character, or a segment . or ..");
  }
  if (href.includes("#")) cannot("it has a fragment: write %23 in a name, and add a fragment after signing");
  const query = href.split("?").slice(1).join("?");
  if (query.split("&").some((parameter) => SIGNING_PARAMETER.test(parameter.split("=")[0]!))) {
    cannot("it has a parameter that CloudFront keeps for signatures");
  }
  return href;
}

/** A URL with more parameters. */
export function appendQuery(url: string, query: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}
