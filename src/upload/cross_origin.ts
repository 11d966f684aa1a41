/** Methods that change nothing, by RFC 9110, section 9.2.1. */
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/**
 * Whether a browser sends a request from a page of another site, as a forged one is: what `handleUpload` asks, for other
 * handlers that change something. A login, say, or JSON that a page of yours posts.
 *
 * Browsers send a form to any site, with that site's cookies, and without asking. What they say of it decides:
 * 1. GET, HEAD and OPTIONS are `false`, since they change nothing.
 * 2. An `Origin` that is listed is `false`.
 * 3. By `Sec-Fetch-Site`, `same-origin` and `none` (typed or bookmarked) are `false`; all others are `true`.
 * 4. Without it, as over plain http and from browsers before 2023, by `Origin`. It must be listed. Where nothing is listed,
 *    its host must be that of the request's URL; the scheme does not count, since a proxy that ends TLS changes it.
 * 5. Without both it comes from no browser, and is `false`.
 *
 * Source: the Fetch Metadata and Fetch standards; the rules are those of Go's `http.CrossOriginProtection`.
 *
 * @param request The request; its body is not read.
 * @param allowedOrigins The service's own origins, and other sites that may send to it, such as `"https://www.example.com"`.
 * List the own ones where a proxy changes the Host header, and where other sites are listed.
 * @throws {TypeError} If something listed is no origin: it has a path, a wildcard or no scheme, or is `"null"`.
 *
 * @example
 * ```ts
 * import { isCrossOrigin } from "@storages/s3/upload";
 * import { assertEquals } from "@std/assert";
 *
 * function login(request: Request): Response {
 *   if (isCrossOrigin(request, ["https://www.example.com"])) return new Response("Forbidden\n", { status: 403 });
 *   return new Response("Welcome\n");
 * }
 *
 * const from = (origin: string): Request =>
 *   new Request("https://www.example.com/login", { method: "POST", headers: { origin } });
 * assertEquals(login(from("https://www.example.com")).status, 200);
 * assertEquals(login(from("https://evil.example")).status, 403);
 * ```
 */
export function isCrossOrigin(request: Request, allowedOrigins: readonly string[] = []): boolean {
  checkOrigins(allowedOrigins);
  if (SAFE_METHODS.includes(request.method)) return false;
  const origin = request.headers.get("origin");
  if (origin !== null && allowedOrigins.includes(origin)) return false;
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  if (origin === null) return false;
  const host = hostOf(request.url);
  return allowedOrigins.length > 0 || host === undefined || hostOf(origin) !== host;
}

/** @throws {TypeError} If it is no list, or something in it is no origin that a browser can name. */
function checkOrigins(origins: readonly string[]): void {
  if (!Array.isArray(origins)) {
    throw new TypeError(
      `allowedOrigins must be an array of origins such as ["https://www.example.com"], got ${typeof origins}`,
    );
  }
  for (const origin of origins) {
    const right = originOf(origin);
    if (right === origin) continue;
    const advice = right === undefined
      ? "expected a scheme, a host and maybe a port, without wildcards: https://www.example.com"
      : `expected ${JSON.stringify(right)}`;
    throw new TypeError(`Invalid origin ${JSON.stringify(origin)} in allowedOrigins: ${advice}`);
  }
}

/** A text as the origin that browsers would name; `undefined` if it is none. */
function originOf(text: unknown): string | undefined {
  if (typeof text !== "string" || /[*\s]/.test(text) || !/^[a-z][a-z0-9+.-]*:\/\/./i.test(text)) return undefined;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.host === "") return undefined;
  if (url.origin !== "null") return url.origin;
  return `${url.protocol}//${url.host}`; // that of an app: capacitor://localhost
}

/**
 * `undefined` where there is none: "null" is a sandboxed frame, a file, or a page that hides where it is, and the URL of a
 * request is none where its Host header is none.
 */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
