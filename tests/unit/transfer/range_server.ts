/** An S3 server with one object, as a function: it serves ranges, and ends early as planned. */
import { networkError } from "../transport.ts";

/** The plan of a response; correct by default. */
export interface AnswerPlan {
  /** The bytes that are sent before it breaks. */
  readonly breakAfter?: number;
  /** How it breaks: a network failure, an early end, or no further bytes. */
  readonly how?: "fail" | "end" | "stall";
  /** In place of the response. */
  readonly instead?: Response | Error;
  /** Headers to change; "" removes one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a range is ignored. */
  readonly ignoresRange?: boolean;
  /** Whether the condition is ignored. */
  readonly ignoresCondition?: boolean;
  /** The most bytes of a range that are sent. */
  readonly most?: number;
  /** The response waits for this. */
  readonly after?: Promise<unknown>;
}

export class RangeServer {
  bytes: Uint8Array<ArrayBuffer>;
  etag = '"first"';
  /** The checksum headers of the whole object, which are sent if requested. */
  checksum: Readonly<Record<string, string>> = {};
  /** The number of requests for the checksum only. */
  headCount = 0;
  /** `Range` and `If-Match` of each request, in order. */
  readonly asked: string[] = [];
  /** The bytes that were read from bodies. */
  givenBytes = 0;
  /** The number of bodies that were neither read to their ends nor cancelled. */
  openBodies = 0;
  /** The greatest number of open bodies. */
  mostOpenBodies = 0;
  readonly #plan: (request: number, start: number) => AnswerPlan | void;
  readonly #chunkBytes: number;

  /** @param plan Returns the plan of the response to a request, from 0 on. */
  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    plan: (request: number, start: number) => AnswerPlan | void = () => undefined,
    chunkBytes = 10,
  ) {
    this.bytes = bytes;
    this.#plan = plan;
    this.#chunkBytes = chunkBytes;
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted();
    const told = request.headers.get("x-amz-checksum-mode") === "ENABLED" ? this.checksum : {};
    if (request.method === "HEAD") {
      this.headCount++;
      const size = String(this.bytes.byteLength);
      return new Response(null, { headers: { etag: this.etag, "content-length": size, ...told } });
    }
    const range = request.headers.get("range");
    const condition = request.headers.get("if-match");
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
    const plan = this.#plan(this.asked.length, Number(first ?? 0)) ?? {};
    this.asked.push(`${range} ${condition}`);
    const { bytes, etag } = this;
    await plan.after;
    if (plan.instead instanceof Error) throw plan.instead;
    if (plan.instead !== undefined) return plan.instead.clone();
    if (condition !== null && condition !== etag && !plan.ignoresCondition) return new Response(null, { status: 412 });
    const isRange = range !== null && !plan.ignoresRange;
    const start = isRange ? Number(first) : 0;
    if (isRange && start >= bytes.byteLength) return new Response(null, { status: 416 });
    const wanted = isRange && last ? Number(last) + 1 : bytes.byteLength;
    const end = Math.min(wanted, bytes.byteLength, start + (plan.most ?? Infinity));
    const headers = new Headers({ etag, "content-length": String(end - start) });
    if (isRange) headers.set("content-range", `bytes ${start}-${end - 1}/${bytes.byteLength}`);
    for (const [name, value] of Object.entries({ ...isRange ? {} : told, ...plan.headers })) {
      value === "" ? headers.delete(name) : headers.set(name, value);
    }
    return new Response(this.#body(bytes.subarray(start, end), plan), { status: isRange ? 206 : 200, headers });
  };

  #body(bytes: Uint8Array, { breakAfter, how = "fail" }: AnswerPlan): ReadableStream<Uint8Array<ArrayBuffer>> {
    const end = Math.min(breakAfter ?? Infinity, bytes.byteLength);
    let offset = 0;
    this.mostOpenBodies = Math.max(this.mostOpenBodies, ++this.openBodies);
    return new ReadableStream({
      pull: (controller): Promise<void> | void => {
        if (offset < end) {
          const chunk = bytes.slice(offset, Math.min(offset + this.#chunkBytes, end));
          offset += chunk.byteLength;
          this.givenBytes += chunk.byteLength;
          return controller.enqueue(chunk);
        }
        if (breakAfter !== undefined && how === "stall") return new Promise(() => {});
        this.openBodies--;
        if (breakAfter !== undefined && how === "fail") return controller.error(networkError());
        controller.close();
      },
      cancel: () => void this.openBodies--,
    }, { highWaterMark: 0 });
  }
}
