import { isStorageError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkOptions } from "../kit/values/options.ts";
import { checkRequest } from "../kit/values/request.ts";
import { checkStorage } from "../storage/checks/check_storage.ts";
import { checkDescription } from "../storage/checks/header_values.ts";
import { checkFileName } from "../storage/contract/names.ts";
import type { Storage } from "../storage/storage.ts";
import { plainResponse } from "./response.ts";
import { redirect, redirectStatus } from "./redirect.ts";
import { Responder } from "./responder.ts";
import { SERVE_OPTIONS, type ServeOptions } from "./serve_options.ts";
import { POLICY } from "./untrusted.ts";
import { checkPrefix, nameFromUrl } from "./url_name.ts";

/**
 * Answers an HTTP request for a file: GET and HEAD, ranges, and conditional requests. The bytes are streamed from the storage
 * as fast as the client reads them; if the client disconnects, the request to S3 is aborted.
 *
 * On S3 most GETs take one request, and so does a range of audio or video. A condition, or a range of another type, takes a
 * HeadObject before. A GET of a file that may be compressed, because its first bytes are neither text nor match its type,
 * takes a HeadObject after, since only that returns its `Content-Encoding`.
 *
 * For several ranges in one request the whole file is sent, as RFC 9110 allows. Files stored as gzip or Brotli are sent
 * as they are to clients that accept that, else decompressed, without ranges and with a weak ETag. A runtime without Brotli
 * answers 406 instead of decompressing it.
 *
 * Uploaded files can contain scripts, which would run as pages of this site. So, unless `trusted` declares that all files are
 * your own, responses have a `Content-Security-Policy` with `sandbox`, which blocks all scripts, for any type and bytes. Only
 * audio and video are sent without it, since Chromium would not play them. Files that a policy does not cover are downloads:
 * PDF and other types that browsers open in a viewer, a plug-in or another program, and types that are unknown or malformed.
 * JavaScript is sent as plain text, so pages cannot run it either. Images, including SVG, are shown in pages as usual. A 304
 * has the policy too, for cached files.
 *
 * A redirect leads to another site, with its own headers. If that site uses cookies, set `disposition` to `"attachment"`, which
 * is passed on as `ResponseContentDisposition`.
 *
 * Source: RFC 9110, sections 12.5.3, 13 and 14; Content Security Policy Level 3.
 *
 * @param storage The storage of the file.
 * @param request The request.
 * @param options Which file to serve, and how. By default the file is the one that the request's URL names.
 * @returns The response: 200, 206, 304, 404 (also for an invalid name), 405, 406, 412, 416, or a redirect.
 * @throws {TypeError} If an argument or an option has the wrong type, or an option is unknown.
 * @throws {RangeError} If `redirect` has another value, or `expiresIn` is out of range.
 * @throws {StorageError} Other errors of the storage. For a missing file, S3 denies access if the credentials may not list
 * the bucket: that is a {@linkcode PermissionDeniedError}, not a 404.
 *
 * @example
 * ```ts
 * import { serve } from "@storages/s3/serve";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello");
 * const handler = (request: Request) => serve(storage, request); // for Deno.serve, for example
 *
 * const first = await handler(new Request("https://example.com/a.txt"));
 * const etag = first.headers.get("etag")!;
 * const again = await handler(new Request("https://example.com/a.txt", { headers: { "if-none-match": etag } }));
 * assertEquals([await first.text(), again.status], ["hello", 304]);
 * ```
 */
export async function serve(storage: Storage, request: Request, options: ServeOptions = {}): Promise<Response> {
  checkStorage("serve", storage);
  checkRequest("serve", "the second argument", request);
  checkServeOptions(options);
  const policy = options.trusted ? undefined : POLICY;
  const name = options.name ?? nameFromUrl(request.url, checkPrefix(options.prefix ?? "/"));
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plainResponse(request, 405, policy, { allow: "GET, HEAD" });
  }
  if (name === undefined) return plainResponse(request, 404, policy);
  try {
    checkFileName(name);
    if (options.redirect) return await redirect(request, storage, name, options);
    return await new Responder(request, storage, name, options).respond();
  } catch (error) {
    const isMissing = isStorageError(error, "SuspiciousName") ||
      isStorageError(error, "NotFound") && error.s3Code !== "NoSuchBucket";
    if (!isMissing) throw error;
    return plainResponse(request, 404, policy);
  }
}

/**
 * @throws {TypeError} If an option has the wrong type, or is unknown.
 * @throws {RangeError} If `redirect` has another value.
 */
function checkServeOptions(options: ServeOptions): void {
  checkOptions("serve", options, SERVE_OPTIONS);
  const { name, prefix, trusted = false, contentType, cacheControl, headers = {} } = options;
  // An undefined name must not be replaced by the name in the URL.
  if ("name" in options && typeof name !== "string") throw invalidValue("name must be a string", name);
  if (name !== undefined && prefix !== undefined) {
    throw new TypeError("Cannot serve: prefix cannot be combined with a name");
  }
  if (typeof trusted !== "boolean") throw invalidValue("trusted must be true or false", trusted);
  if (options.redirect !== undefined && options.redirect !== false) redirectStatus(options.redirect);
  const { disposition = "inline", downloadName = "" } = options;
  if (disposition !== "inline" && disposition !== "attachment") {
    throw invalidValue('disposition must be "inline" or "attachment"', disposition);
  }
  if (typeof downloadName !== "string") throw invalidValue("downloadName must be a string", downloadName);
  checkDescription("Cannot serve", { contentType, cacheControl });
  try {
    new Headers(headers);
  } catch (cause) {
    throw new TypeError(`Cannot serve: headers must have valid names and values. ${(cause as Error).message}`, {
      cause,
    });
  }
}

function invalidValue(what: string, got: unknown): TypeError {
  return new TypeError(`Cannot serve: ${what}, got ${formatValue(got)}`);
}
