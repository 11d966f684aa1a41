import { isStorageError, PreconditionFailedError } from "../errors.ts";
import type { FileStat } from "../storage/entry.ts";
import { checkFileName } from "../storage/names.ts";
import { isGzip } from "../storage/on_demand.ts";
import type { BinaryFile } from "../storage/binary_file.ts";
import type { Storage } from "../storage/storage.ts";
import { answer, plainAnswer } from "./answer.ts";
import { acceptsGzip, isNeverCoded, isPlainly, SAMPLE_BYTES } from "./coding.ts";
import { failedCondition, isConditional, isRangeCurrent } from "./conditions.ts";
import { contentDisposition } from "./content_disposition.ts";
import { choosePart, parseRange, type Part, partAhead } from "./range.ts";

/** How often a file may change while it is looked at. */
const MAX_LOOKS = 5;

/**
 * How a file is served.
 *
 * @example
 * ```ts
 * import { serve, type ServeOptions } from "@storages/s3/serve";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("7f3a.pdf", "%PDF-1.7");
 * const options: ServeOptions = { downloadName: "Bill.pdf", cacheControl: "private, max-age=60" };
 * const { headers } = await serve(new Request("https://example.com/bill"), storage, "7f3a.pdf", options);
 * assertEquals(headers.get("content-disposition"), 'attachment; filename="Bill.pdf"');
 * ```
 */
export interface ServeOptions {
  /**
   * Answers with a redirect to `storage.url()` instead of the file: then its bytes do not come this way, and whether there is
   * such a file is not looked at. `true` is 302. What else is asked for here goes along as parameters of a signed URL, which
   * a URL without a signature cannot have.
   * @default {false}
   */
  readonly redirect?: boolean | 302 | 307 | undefined;
  /**
   * Seconds that the URL of a redirect is valid for.
   * @default {the storage's `querystringExpire`}
   */
  readonly expire?: number | undefined;
  /**
   * Whether browsers show the file or download it.
   * @default {`"attachment"` where there is a `downloadName`, else what is stored with the file}
   */
  readonly disposition?: "inline" | "attachment" | undefined;
  /**
   * The name it is downloaded under.
   * @default {the last part of its own name, where there is a `disposition`}
   */
  readonly downloadName?: string | undefined;
  /**
   * The media type.
   * @default {what is stored with the file, else `application/octet-stream`}
   */
  readonly contentType?: string | undefined;
  /**
   * How long the answer may be cached.
   * @default {what is stored with the file}
   */
  readonly cacheControl?: string | undefined;
  /** Further headers of an answer that has the file, or says that it did not change, such as `Content-Security-Policy`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Ends the reading. A client that goes away ends it in any case: the runtime then cancels the answer's body. */
  readonly signal?: AbortSignal | undefined;
}

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
 * Files that others uploaded can hold scripts: serve them with `disposition: "attachment"`, from a domain of their own, or with
 * a `Content-Security-Policy` of `sandbox` among the `headers`.
 *
 * Source: RFC 9110, sections 12.5.3, 13 and 14.
 *
 * @param request The request; of its URL nothing is taken.
 * @param storage Where the file is.
 * @param name The file's name.
 * @param options How it is served.
 * @returns The answer: 200, 206, 304, 404 (also for a name that no file can have), 405, 412, 416, or a redirect.
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
 * const handler = (request: Request) => serve(request, storage, new URL(request.url).pathname.slice(1));
 *
 * const first = await handler(new Request("https://example.com/a.txt"));
 * const etag = first.headers.get("etag")!;
 * const again = await handler(new Request("https://example.com/a.txt", { headers: { "if-none-match": etag } }));
 * assertEquals([await first.text(), again.status], ["hello", 304]);
 * ```
 */
export async function serve(
  request: Request,
  storage: Storage,
  name: string,
  options: ServeOptions = {},
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return plainAnswer(request, 405, { allow: "GET, HEAD" });
  try {
    checkFileName(name);
    if (options.redirect) return await redirected(request, storage, name, options);
    return await new Look(request, storage, name, options).answer();
  } catch (error) {
    const isMissing = isStorageError(error, "SuspiciousName") ||
      isStorageError(error, "NotFound") && error.s3Code !== "NoSuchBucket";
    if (!isMissing) throw error;
    return plainAnswer(request, 404);
  }
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
    const { options } = this;
    return answer({
      request: this.request,
      status,
      part,
      decoded,
      stat: { ...stat, etag: decoded ? weak(stat.etag) : stat.etag },
      contentDisposition: dispositionOf(this.name, options) ?? stat.contentDisposition,
      contentType: options.contentType ?? stat.contentType ?? "application/octet-stream",
      cacheControl: options.cacheControl ?? stat.cacheControl,
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
