import { isStorageError, PreconditionFailedError } from "../errors.ts";
import type { FileStat } from "../storage/contract/entry.ts";
import { checkDescription } from "../storage/contract/header_values.ts";
import { checkFileName } from "../storage/contract/names.ts";
import { DEFAULT_CONTENT_TYPE } from "../storage/content/content_type.ts";
import { isGzip } from "../storage/files/lazy.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import type { Storage } from "../storage/storage.ts";
import { answer, plainAnswer } from "./answer.ts";
import { acceptsGzip, isNeverCoded, isPlainly, SAMPLE_BYTES } from "./coding.ts";
import { failedCondition, isConditional, isRangeCurrent } from "./conditions.ts";
import { contentDisposition } from "./content_disposition.ts";
import { sendable } from "./sendable.ts";
import type { ServeOptions } from "./serve_options.ts";
import { POLICY, precautionsFor } from "./untrusted.ts";
import { checkPrefix, nameFromUrl } from "./url_name.ts";
import { choosePart, parseRange, type Part, partAhead } from "./range.ts";

/** How often a file may change while it is looked at. */
const MAX_LOOKS = 5;

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
    if (options.redirect) return await redirected(request, storage, name, options);
    return await new Look(request, storage, name, options).answer();
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

async function redirected(
  { method }: Request,
  storage: Storage,
  name: string,
  options: ServeOptions,
): Promise<Response> {
  const { redirect, expire, contentType, cacheControl, signal } = options;
  if (redirect !== true && redirect !== 302 && redirect !== 307) {
    throw new RangeError(`redirect must be true, 302 or 307: current value is ${redirect}`);
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
    status: redirect === true ? 302 : redirect,
    headers: { location, "cache-control": "no-store" }, // it would outlive its signature
  });
}

function dispositionOf(name: string, { disposition, downloadName }: ServeOptions): string | undefined {
  const type = disposition ?? (downloadName === undefined ? undefined : "attachment");
  return type && contentDisposition(type, downloadName ?? name.slice(name.lastIndexOf("/") + 1));
}

/** What a request comes to, for a file in one state. */
interface Decision {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly part?: Part;
  /** Whether what is stored as gzip is sent decompressed. */
  readonly decoded: boolean;
}

/** One request's look at a file, repeated where the file turns out to be another than the one that was decided on. */
class Look {
  readonly #asked: ReturnType<typeof parseRange>;

  constructor(
    readonly request: Request,
    readonly storage: Storage,
    readonly name: string,
    readonly options: ServeOptions,
  ) {
    this.#asked = request.method === "GET" ? parseRange(request.headers.get("range")) : undefined;
  }

  async answer(): Promise<Response> {
    let known: FileStat | undefined;
    const ahead = this.#asked && partAhead(this.#asked);
    if (this.request.method === "HEAD" || isConditional(this.request.headers) || (this.#asked && !ahead)) {
      known = await this.#stat();
    }
    for (let looks = 1; looks <= MAX_LOOKS; looks++) {
      const wanted: Decision = known
        ? this.#decide(known)
        : { status: 200, decoded: false, ...(ahead && { part: ahead }) };
      if (known && (this.request.method === "HEAD" || wanted.status > 206)) return this.#send(known, wanted);
      const { file, head } = await this.#open(wanted);
      try {
        const stat = await this.#identify(file, head, known, wanted) ?? await this.#stat();
        const decision = this.#decide(stat);
        if (decision.status > 206) {
          await file.close();
          return this.#send(stat, decision);
        }
        if (isSameState(stat, file.stat) && fits(decision, wanted, stat.size)) {
          return this.#send(stat, decision, file, head);
        }
        known = stat;
      } catch (error) {
        await file.close();
        throw error;
      }
      await file.close();
    }
    throw new PreconditionFailedError(`The file changed each time it was looked at: ${this.name}`);
  }

  async #stat(): Promise<FileStat> {
    return await this.storage.stat(this.name, { signal: this.options.signal });
  }

  async #open({ part, decoded }: Decision): Promise<{ file: BinaryFile; head: Uint8Array }> {
    const { signal } = this.options;
    if (part !== undefined) {
      const end = part.end === Infinity ? undefined : part.end;
      return { file: await this.storage.open(this.name, "rb", { start: part.start, end, signal }), head: EMPTY };
    }
    const file = await this.storage.open(this.name, "rb", { decompress: decoded, signal });
    try {
      return { file, head: await file.read(SAMPLE_BYTES) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** What is known of the file that was opened, its encoding included; `undefined` where the storage must be asked. */
  #identify(
    file: BinaryFile,
    head: Uint8Array,
    known: FileStat | undefined,
    { part, decoded }: Decision,
  ): Promise<FileStat | undefined> {
    const { stat } = file;
    const isTold = file.decompressed || stat.contentEncoding !== undefined;
    if (isTold) return Promise.resolve(stat);
    if (decoded) return Promise.resolve({ ...stat, contentEncoding: undefined }); // it was called gzip, and is none
    if (known !== undefined && isSameState(known, stat)) return Promise.resolve(known);
    const isPlain = part ? isNeverCoded(stat.contentType) : isPlainly(stat, head);
    return Promise.resolve(isPlain ? stat : undefined);
  }

  #decide(stat: FileStat): Decision {
    const { headers } = this.request;
    const decoded = isGzip(stat.contentEncoding) && !acceptsGzip(headers.get("accept-encoding"));
    const validators = { etag: decoded ? weak(stat.etag) : stat.etag, modifiedTime: stat.modifiedTime };
    const failed = failedCondition(headers, validators);
    if (failed !== undefined) return { status: failed, decoded };
    if (decoded || this.#asked === undefined || !isRangeCurrent(headers, validators)) return { status: 200, decoded };
    const part = choosePart(this.#asked, stat.size);
    if (part === "none") return { status: 416, decoded };
    return part === undefined ? { status: 200, decoded } : { status: 206, decoded, part };
  }

  #send(stat: FileStat, { status, part, decoded }: Decision, file?: BinaryFile, head?: Uint8Array): Response {
    const { options, name } = this;
    const { etag, ...described } = sendable(stat);
    const type = options.contentType || described.contentType || DEFAULT_CONTENT_TYPE;
    const { contentType, isAttachment, policy } = options.trusted
      ? { contentType: type, isAttachment: false, policy: undefined }
      : precautionsFor(type, Boolean(options.contentType));
    const stored = described.contentDisposition;
    const isStoredSo = !isAttachment || /^attachment *(;|$)/i.test(stored ?? "");
    return answer({
      request: this.request,
      status,
      part,
      decoded,
      stat: { ...described, etag: decoded ? weak(etag) : etag },
      contentDisposition: dispositionOf(name, options) ??
        (isStoredSo ? stored : dispositionOf(name, { disposition: "attachment" })),
      contentType,
      cacheControl: options.cacheControl ?? described.cacheControl,
      policy,
      headers: options.headers,
      body: file && { file, head: head ?? EMPTY },
    });
  }
}

const EMPTY = new Uint8Array(0);

/** Other bytes with another coding must not have the same strong tag. */
function weak(etag: string): string {
  return etag === "" || etag.startsWith("W/") ? etag : `W/${etag}`;
}

function isSameState(one: FileStat, other: FileStat): boolean {
  return one.etag === other.etag && one.size === other.size && Object.is(+one.modifiedTime, +other.modifiedTime); // no date is NaN
}

/** Whether what was opened is what is to be sent. */
function fits(decision: Decision, { part, decoded }: Decision, size: number): boolean {
  return decision.decoded === decoded && decision.part?.start === part?.start &&
    decision.part?.end === (part && Math.min(part.end, size));
}
