import { formatValue } from "../kit/values/format_value.ts";
import { checkRequest } from "../kit/values/request.ts";

/** What the check does, for messages. */
const ACTION = "check the origin of a request";

/** Safe methods by RFC 9110, section 9.2.1. */
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/**
 * Whether a browser sent a request from a page of another site (cross-site request forgery). `handleUpload` calls it; use it
 * in other handlers that change state, such as a login or a JSON API for your pages.
 *
 * Browsers send forms to any site, with that site's cookies. The request's headers decide:
 * 1. GET, HEAD and OPTIONS are `false`, since they change nothing.
 * 2. A listed `Origin` is `false`.
 * 3. With `Sec-Fetch-Site`, `same-origin` and `none` (typed or bookmarked) are `false`; all other values are `true`.
 * 4. Without it, as over plain HTTP and from browsers before 2023, `Origin` must be listed. If no origins are listed, its host
 *    must be that of the request's URL; the scheme is not compared, since a proxy that terminates TLS changes it.
 * 5. Without both headers the client is not a browser, and the result is `false`.
 *
 * Source: the Fetch Metadata and Fetch standards; the rules are those of Go's `http.CrossOriginProtection`.
 *
 * @param request The request; its body is not read.
 * @param allowedOrigins The service's own origins, and other sites that may send to it, such as `"https://www.example.com"`.
 * List your own origins if a proxy changes the Host header, or if other sites are listed.
 * @throws {TypeError} If the first argument is not a request, or an item is not an origin: it has a path, a wildcard or no
 * scheme, or is `"null"`.
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
  checkRequest(ACTION, "the first argument", request);
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

/** @throws {TypeError} If it is not an array of origins as browsers send them. */
function checkOrigins(origins: readonly string[]): void {
  if (!Array.isArray(origins)) {
    throw new TypeError(
      `Cannot ${ACTION}: allowedOrigins must be an array of origins such as ["https://www.example.com"], ` +
        `got ${formatValue(origins)}`,
    );
  }
  for (const origin of origins) {
    const right = originOf(origin);
    if (right === origin) continue;
    const wanted = right === undefined
      ? "a scheme, a host and an optional port, without wildcards, such as https://www.example.com"
      : JSON.stringify(right);
    throw new TypeError(
      `Cannot ${ACTION}: each item of allowedOrigins must be an origin, ${wanted}, got ${formatValue(origin)}`,
    );
  }
}

/** The origin of a text as browsers send it; `undefined` if it is not one. */
function originOf(text: unknown): string | undefined {
  if (typeof text !== "string" || /[*\s]/.test(text) || !/^[a-z][a-z0-9+.-]*:\/\/./i.test(text)) return undefined;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.host === "") return undefined;
  if (url.origin !== "null") return url.origin;
  return `${url.protocol}//${url.host}`; // of an app, such as capacitor://localhost
}

/**
 * The host of an origin or a URL; `undefined` if it has none. `Origin: null` is sent by sandboxed frames, files, and pages that
 * hide their origin; a request with a malformed Host header has no valid URL.
 */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
