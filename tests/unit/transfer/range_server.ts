/** An S3 server of one object, as a function: it answers ranges, and breaks off where it is told to. */
import { networkError } from "../transport.ts";

/** How an answer goes; what is left out is as it should be. */
export interface AnswerPlan {
  /** Bytes that are given before it breaks. */
  readonly breakAfter?: number;
  /** How: the network fails, it just ends, or nothing more comes. */
  readonly how?: "fail" | "end" | "stall";
  /** In the place of the answer. */
  readonly instead?: Response | Error;
  /** Headers to be changed; "" removes one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a range is answered with the whole object. */
  readonly ignoresRange?: boolean;
  /** Whether the condition is not looked at. */
  readonly ignoresCondition?: boolean;
  /** The most bytes a range is answered with. */
  readonly most?: number;
  /** What the answer waits for. */
  readonly after?: Promise<unknown>;
}

export class RangeServer {
  bytes: Uint8Array<ArrayBuffer>;
  etag = '"first"';
  /** What it tells of the whole object, where it is asked: the headers of a checksum. */
  checksum: Readonly<Record<string, string>> = {};
  /** How often it was asked for no more than that. */
  headCount = 0;
  /** `Range` and `If-Match` of each request, in order. */
  readonly asked: string[] = [];
  /** Bytes that were taken from bodies. */
  givenBytes = 0;
  /** Bodies that were neither read to their end nor cancelled. */
  openBodies = 0;
  /** The most there were at once. */
  mostOpenBodies = 0;
  readonly #plan: (request: number, start: number) => AnswerPlan | void;
  readonly #chunkBytes: number;

  /** @param plan How the answer to a request goes; the first is 0. */
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
