import { PreconditionFailedError } from "../errors.ts";
import { DEFAULT_CONTENT_TYPE } from "../storage/content/content_type.ts";
import type { FileStat } from "../storage/contract/entry.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import { isGzip } from "../storage/files/lazy.ts";
import type { Storage } from "../storage/storage.ts";
import { answer } from "./answer.ts";
import { acceptsGzip, isNeverCoded, isPlainly, SAMPLE_BYTES } from "./coding.ts";
import { failedCondition, isConditional, isRangeCurrent } from "./conditions.ts";
import { dispositionOf } from "./content_disposition.ts";
import { choosePart, parseRange, type Part, partAhead } from "./range.ts";
import { sendable } from "./sendable.ts";
import type { ServeOptions } from "./serve_options.ts";
import { precautionsFor } from "./untrusted.ts";

/** How often a file may change while it is looked at. */
const MAX_LOOKS = 5;

/** What a request comes to, for a file in one state. */
interface Decision {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly part?: Part;
  /** Whether what is stored as gzip is sent decompressed. */
  readonly decoded: boolean;
}

/** One request's look at a file, repeated where the file turns out to be another than the one that was decided on. */
export class Responder {
  readonly #asked: ReturnType<typeof parseRange>;

  constructor(
    readonly request: Request,
    readonly storage: Storage,
    readonly name: string,
    readonly options: ServeOptions,
  ) {
    this.#asked = request.method === "GET" ? parseRange(request.headers.get("range")) : undefined;
  }

  async respond(): Promise<Response> {
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
