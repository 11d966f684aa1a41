import type { Storage } from "../storage/storage.ts";
import { dispositionOf } from "./content_disposition.ts";
import type { ServeOptions } from "./serve_options.ts";

/**
 * Answers with a redirect to the URL of a file.
 *
 * @throws {RangeError} If the option `redirect` has another value.
 */
export async function redirect(
  { method }: Request,
  storage: Storage,
  name: string,
  options: ServeOptions,
): Promise<Response> {
  const { redirect: status, expire, contentType, cacheControl, signal } = options;
  if (status !== true && status !== 302 && status !== 307) {
    throw new RangeError(`redirect must be true, 302 or 307, got ${status}`);
  }
  const location = await storage.url(name, {
    method: method as "GET" | "HEAD",
    expire,
    signal,
    parameters: {
      ResponseContentDisposition: dispositionOf(name, options),
      ResponseContentType: contentType,
      ResponseCacheControl: cacheControl,
    },
  });
  return new Response(null, {
    status: status === true ? 302 : status,
    headers: { location, "cache-control": "no-store" }, // a cached redirect would outlive the signature
  });
}
