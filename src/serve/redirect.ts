import { formatValue } from "../kit/values/format_value.ts";
import type { Storage } from "../storage/storage.ts";
import { dispositionOf } from "./content_disposition.ts";
import type { ServeOptions } from "./serve_options.ts";

/**
 * Answers with a redirect to the URL of a file.
 *
 * @throws {RangeError} If `redirect` or `expiresIn` has another value.
 */
export async function redirect(
  { method }: Request,
  storage: Storage,
  name: string,
  options: ServeOptions,
): Promise<Response> {
  const { expiresIn, contentType, cacheControl, signal } = options;
  const status = redirectStatus(options.redirect);
  const location = await storage.url(name, {
    method: method as "GET" | "HEAD",
    expiresIn,
    signal,
    parameters: {
      ResponseContentDisposition: dispositionOf(name, options),
      ResponseContentType: contentType,
      ResponseCacheControl: cacheControl,
    },
  });
  return new Response(null, {
    status,
    headers: { location, "cache-control": "no-store" }, // a cached redirect would outlive the signature
  });
}

/**
 * The status that the option `redirect` asks for.
 *
 * @throws {RangeError} If it asks for another status.
 */
export function redirectStatus(redirect: ServeOptions["redirect"]): 302 | 307 {
  if (redirect === true || redirect === 302) return 302;
  if (redirect === 307) return redirect;
  throw new RangeError(`Cannot serve: redirect must be true, false, 302 or 307, got ${formatValue(redirect)}`);
}
