import { isStorageError } from "../errors.ts";
import { checkDescription } from "../storage/contract/header_values.ts";
import { checkFileName } from "../storage/contract/names.ts";
import type { Storage } from "../storage/storage.ts";
import { plainAnswer } from "./answer.ts";
import { redirect } from "./redirect.ts";
import { Responder } from "./responder.ts";
import type { ServeOptions } from "./serve_options.ts";
import { POLICY } from "./untrusted.ts";
import { checkPrefix, nameFromUrl } from "./url_name.ts";

/**
 * Answers a request for a file: GET and HEAD, a range of it, only if it changed, and so on. The bytes come straight from the
 * storage, as fast as the client takes them; where it goes away, so does the request to S3.
 *
 * On S3 a common GET is one request, and so is a range of audio or video. A condition, or a range of something else, takes a
 * HeadObject before. A GET of what may be compressed, because its first bytes are neither text nor those of its type, takes
 * one after, since only that tells its `Content-Encoding`.
 *
 * Several ranges at once are answered with the whole file, as RFC 9110 lets a server do. What is stored as gzip is sent as
 * gzip to clients that accept it, else decompressed, and then without ranges and with a weak ETag.
 *
 * Files that others uploaded can hold scripts, which would run as pages of this site. So, unless `trusted` says that all files
 * are your own, whatever is answered has a `Content-Security-Policy` of `sandbox` that allows no script, whatever its type
 * and its bytes are. Only audio and video are without, as Chromium would not play them. What a policy does not reach is a
 * download: PDF and all else that browsers hand to a viewer, a plug-in or another program, and types that are unknown or
 * malformed. JavaScript is called plain text, so that no page runs it either. Images show in pages as ever, also SVG. An
 * answer of 304 has the policy too, for what browsers have kept.
 *
 * A redirect leads to another site, with its own headers: give a `disposition` of `"attachment"`, which goes along as
 * `ResponseContentDisposition`, where that site has cookies of its own.
 *
 * Source: RFC 9110, sections 12.5.3, 13 and 14; Content Security Policy Level 3.
 *
 * @param request The request.
 * @param storage Where the file is.
 * @param name The file's name. Without one it is the URL's path below the `prefix`, decoded. A path outside of it, with an
 * escape that is malformed or stands for a slash or a backslash, or that no file's name can be, is answered with 404.
 * @param options How it is served.
 * @returns The answer: 200, 206, 304, 404 (also for a name that no file can have), 405, 412, 416, or a redirect.
 * @throws {TypeError} If the name is no text, or an option is not of its kind.
 * @throws {StorageError} What goes wrong in the storage otherwise. Credentials that may not list a bucket are told by S3 that
 * access is denied where a file is missing: that is a {@linkcode PermissionDeniedError}, and no 404.
 *
 * @example
 * ```ts
 * import { serve } from "@storages/s3/serve";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello");
 * const handler = (request: Request) => serve(request, storage); // for Deno.serve, say
 *
 * const first = await handler(new Request("https://example.com/a.txt"));
 * const etag = first.headers.get("etag")!;
 * const again = await handler(new Request("https://example.com/a.txt", { headers: { "if-none-match": etag } }));
 * assertEquals([await first.text(), again.status], ["hello", 304]);
 * ```
 */
export function serve(request: Request, storage: Storage, name: string, options?: ServeOptions): Promise<Response>;
/** Answers a request for the file that its URL names, at the top of the site. */
export function serve(request: Request, storage: Storage): Promise<Response>;
/** Answers a request for the file that its URL names below `options.prefix`. */
export function serve(request: Request, storage: Storage, options: ServeOptions): Promise<Response>;
export async function serve(
  request: Request,
  storage: Storage,
  ...given: readonly [nameOrOptions?: string | ServeOptions, options?: ServeOptions | undefined]
): Promise<Response> {
  const [first, second] = given;
  const isNamed = typeof first === "string";
  // A name that is missing must not become that of the URL.
  if (!isNamed && given.length > 0 && (first !== Object(first) || given.length > 1)) {
    throw new TypeError(`Cannot serve: name must be a string, got ${first === null ? "null" : typeof first}`);
  }
  const options = checkOptions((isNamed ? second : first as ServeOptions | undefined) ?? {}, isNamed);
  const policy = options.trusted ? undefined : POLICY;
  const name = isNamed ? first : nameFromUrl(request.url, checkPrefix(options.prefix ?? "/"));
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plainAnswer(request, 405, policy, { allow: "GET, HEAD" });
  }
  if (name === undefined) return plainAnswer(request, 404, policy);
  try {
    checkFileName(name);
    if (options.redirect) return await redirect(request, storage, name, options);
    return await new Responder(request, storage, name, options).respond();
  } catch (error) {
    const isMissing = isStorageError(error, "SuspiciousName") ||
      isStorageError(error, "NotFound") && error.s3Code !== "NoSuchBucket";
    if (!isMissing) throw error;
    return plainAnswer(request, 404, policy);
  }
}

/** @throws {TypeError} If an option is not of its kind. */
function checkOptions(options: ServeOptions, isNamed: boolean): ServeOptions {
  const { prefix, trusted = false, contentType, cacheControl, headers } = options;
  if (typeof trusted !== "boolean") {
    throw new TypeError(`Cannot serve: trusted must be true or false, got a value of type ${typeof trusted}`);
  }
  if (isNamed && prefix !== undefined) {
    throw new TypeError("Cannot serve: prefix says where names begin in the URL, but the name is given");
  }
  checkDescription("Cannot serve", { contentType, cacheControl });
  new Headers(headers);
  return options;
}
