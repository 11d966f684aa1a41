import { isStorageError, PreconditionFailedError } from "../errors.ts";
import { SAMPLE_BYTES } from "../kit/bytes/text_sample.ts";
import { firstBytes, lacksCharset, PEEKED_BYTES, withCharset } from "../storage/content/charset.ts";
import { DEFAULT_CONTENT_TYPE } from "../storage/content/content_type.ts";
import type { FileStat } from "../storage/contract/entry.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import { findBrotliDecoder } from "../runtime/compression/brotli_decoder.ts";
import { isBrotli, isGzip } from "../storage/files/coding.ts";
import type { Storage } from "../storage/storage.ts";
import { acceptsCoding, isNeverCoded, isSurelyUncompressed } from "./coding.ts";
import { failedCondition, isConditional, isRangeCurrent } from "./conditions.ts";
import { dispositionOf } from "./content_disposition.ts";
import { choosePart, parseRange, type Part, partAhead } from "./range.ts";
import { fileResponse } from "./response.ts";
import { sendable } from "./sendable.ts";
import type { ServeOptions } from "./serve_options.ts";
import { precautionsFor } from "./untrusted.ts";

/** The most attempts to open a file that changes meanwhile. */
const MAX_ATTEMPTS = 5;

/** The decision about a response, for one version of a file. */
interface Decision {
  readonly status: 200 | 206 | 304 | 406 | 412 | 416;
  readonly part?: Part;
  /** Whether a file stored as gzip or Brotli is sent decompressed. */
  readonly decoded: boolean;
  /** Whether it is Brotli that is decompressed. */
  readonly isBrotli?: boolean;
}

/** Answers one request for a file. Opens the file again if the opened version differs from the one that was decided on. */
export class Responder {
  /** The requested ranges; `undefined` if the whole file is sent. */
  #ranges: ReturnType<typeof parseRange>;
  /** Whether the storage has only the decompressed bytes, as Google Cloud Storage has. */
  #isDecoded = false;

  constructor(
    readonly request: Request,
    readonly storage: Storage,
    readonly name: string,
    readonly options: ServeOptions,
  ) {
    this.#ranges = request.method === "GET" ? parseRange(request.headers.get("range")) : undefined;
  }

  /** @throws {PreconditionFailedError} If the file has changed at each attempt. */
  async respond(): Promise<Response> {
    let known: FileStat | undefined;
    const ahead = this.#ranges && partAhead(this.#ranges);
    if (this.request.method === "HEAD" || isConditional(this.request.headers) || (this.#ranges && !ahead)) {
      known = await this.#stat();
    }
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const wanted: Decision = known
        ? this.#decide(known)
        : { status: 200, decoded: false, ...(ahead && { part: ahead }) };
      const isHead = this.request.method === "HEAD";
      // A HEAD has the headers of a GET, whose charset depends on the bytes.
      if (known && (isHead && !this.#isExamined(known, wanted) || wanted.status > 206)) {
        return await this.#send(known, wanted);
      }
      let opened: { file: BinaryFile; head: Uint8Array };
      try {
        opened = await this.#open(wanted);
      } catch (error) {
        this.#adapt(wanted, error);
        known = await this.#stat();
        continue;
      }
      const { file, head } = opened;
      try {
        const stat = await this.#identify(file, head, known, wanted) ?? await this.#stat();
        const decision = this.#decide(stat);
        if (decision.status > 206 || isHead) {
          await file.close();
          return await this.#send(stat, decision, undefined, isHead ? head : undefined);
        }
        if (isSameState(stat, file.stat) && fits(decision, wanted, stat.size)) {
          return await this.#send(stat, decision, file, head);
        }
        known = stat;
      } catch (error) {
        await file.close();
        throw error;
      }
      await file.close();
    }
    throw new PreconditionFailedError(`Cannot serve '${this.name}': it changed at each of ${MAX_ATTEMPTS} attempts`);
  }

  /**
   * Prepares another attempt after a storage could not open the file.
   *
   * @throws The error, if another attempt would fail too.
   */
  #adapt({ part }: Decision, error: unknown): void {
    if (!this.#isDecoded && isStorageError(error, "NotSupported")) this.#isDecoded = true;
    // The service ignores ranges. Then the client receives all of the file, as HTTP allows.
    else if (part !== undefined && isStorageError(error, "Service") && error.status === undefined) {
      this.#ranges = undefined;
    } else throw error;
  }

  async #stat(): Promise<FileStat> {
    return await this.storage.stat(this.name, { signal: this.options.signal });
  }

  async #open({ part, decoded, isBrotli }: Decision): Promise<{ file: BinaryFile; head: Uint8Array }> {
    const { signal } = this.options;
    if (part !== undefined) {
      const end = part.end === Infinity ? undefined : part.end;
      return { file: await this.storage.open(this.name, "rb", { start: part.start, end, signal }), head: EMPTY };
    }
    const file = await this.storage.open(this.name, "rb", { decompress: isBrotli ? "br" : decoded, signal });
    try {
      return { file, head: await file.read(isWithoutCharset(file.stat) ? PEEKED_BYTES + 1 : SAMPLE_BYTES) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The attributes of the opened file with its encoding; `undefined` if the storage must be asked. */
  #identify(
    file: BinaryFile,
    head: Uint8Array,
    known: FileStat | undefined,
    { part, decoded, isBrotli }: Decision,
  ): Promise<FileStat | undefined> {
    const { stat } = file;
    // Brotli that is decompressed was not asked for its encoding.
    if (isBrotli) return Promise.resolve(known && isSameState(known, stat) ? known : undefined);
    const isKnown = file.decompressed || stat.contentEncoding !== undefined;
    if (isKnown) return Promise.resolve(stat);
    if (decoded) return Promise.resolve({ ...stat, contentEncoding: undefined }); // labelled as gzip, but is not
    if (known !== undefined && isSameState(known, stat)) return Promise.resolve(known);
    const isPlain = part ? isNeverCoded(stat.contentType) : isSurelyUncompressed(stat, head.subarray(0, SAMPLE_BYTES));
    return Promise.resolve(isPlain ? stat : undefined);
  }

  #decide(stat: FileStat): Decision {
    const { headers } = this.request;
    const accepted = headers.get("accept-encoding");
    const isDecodedBrotli = isBrotli(stat.contentEncoding) && !acceptsCoding(accepted, "br");
    const decoded = isDecodedBrotli ||
      isGzip(stat.contentEncoding) && (this.#isDecoded || !acceptsCoding(accepted, "gzip"));
    // A runtime without Brotli, such as an edge runtime, can send it only to clients that accept it.
    if (isDecodedBrotli && findBrotliDecoder() === undefined) return { status: 406, decoded };
    const validators = { etag: decoded ? weak(stat.etag) : stat.etag, modifiedTime: stat.modifiedTime };
    const failed = failedCondition(headers, validators);
    if (failed !== undefined) return { status: failed, decoded };
    if (isDecodedBrotli) return { status: 200, decoded, isBrotli: true };
    if (decoded || this.#ranges === undefined || !isRangeCurrent(headers, validators)) return { status: 200, decoded };
    const part = choosePart(this.#ranges, stat.size);
    if (part === "none") return { status: 416, decoded };
    return part === undefined ? { status: 200, decoded } : { status: 206, decoded, part };
  }

  /** Whether the first bytes of a file decide its charset. */
  #isExamined(stat: TypedFile, { status, decoded }: Decision): boolean {
    const isPlain = decoded || stat.contentEncoding === undefined;
    return status === 200 && isPlain && !this.options.contentType && isWithoutCharset(stat);
  }

  /** The stored type, with the charset of text that was stored without one. */
  #typeOf(stat: TypedFile, decision: Decision, head: Uint8Array | undefined): string {
    const type = stat.contentType || DEFAULT_CONTENT_TYPE;
    if (head === undefined || !this.#isExamined(stat, decision)) return type;
    return withCharset(type, firstBytes(head));
  }

  #send(stat: FileStat, decision: Decision, file?: BinaryFile, head?: Uint8Array): Promise<Response> {
    const { options, name } = this;
    const { status, part, decoded } = decision;
    const { etag, ...described } = sendable(stat);
    const type = options.contentType || this.#typeOf(described, decision, head);
    const { contentType, isAttachment, policy } = options.trusted
      ? { contentType: type, isAttachment: false, policy: undefined }
      : precautionsFor(type, Boolean(options.contentType));
    const stored = described.contentDisposition;
    const isStoredUsable = !isAttachment || /^attachment *(;|$)/i.test(stored ?? "");
    return fileResponse({
      request: this.request,
      status,
      part,
      decoded,
      stat: { ...described, etag: decoded ? weak(etag) : etag },
      contentDisposition: dispositionOf(name, options) ??
        (isStoredUsable ? stored : dispositionOf(name, { disposition: "attachment" })),
      contentType,
      cacheControl: options.cacheControl ?? described.cacheControl,
      policy,
      headers: options.headers,
      body: file && { file, head: head ?? EMPTY },
    });
  }
}

/** What the charset depends on, besides the bytes. */
type TypedFile = Pick<FileStat, "contentType" | "contentEncoding" | "size">;

/** Whether a file is text without a charset. Storages of others may return any value as a type. */
function isWithoutCharset({ contentType }: Pick<FileStat, "contentType">): boolean {
  return typeof contentType === "string" && lacksCharset(contentType);
}

const EMPTY = new Uint8Array(0);

/** The tag as a weak one: decompressed bytes must not have the strong tag of the stored bytes. */
function weak(etag: string): string {
  return etag === "" || etag.startsWith("W/") ? etag : `W/${etag}`;
}

function isSameState(one: FileStat, other: FileStat): boolean {
  return one.etag === other.etag && one.size === other.size && Object.is(+one.modifiedTime, +other.modifiedTime); // Object.is for invalid dates, which are NaN
}

/** Whether the opened part is the one to send. */
function fits(decision: Decision, { part, decoded }: Decision, size: number): boolean {
  return decision.decoded === decoded && decision.part?.start === part?.start &&
    decision.part?.end === (part && Math.min(part.end, size));
}
