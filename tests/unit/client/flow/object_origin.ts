/** An object whose bodies end with the signals of their requests, as connections do. */
export class ObjectOrigin {
  static readonly CHUNK_BYTES = 1024;
  readonly requests: Request[] = [];
  readonly #size: number;
  readonly #etag: string;
  readonly #isChunked: boolean;
  readonly #open = new Set<Request>();

  /** @param isChunked Whether responses have no Content-Length. */
  constructor(size: number, etag = '"e"', isChunked = false) {
    this.#size = size;
    this.#etag = etag;
    this.#isChunked = isChunked;
  }

  /** The number of bodies that were neither sent to their ends nor ended by the client. */
  get open(): number {
    return this.#open.size;
  }

  readonly fetch = (request: Request): Promise<Response> => {
    request.signal.throwIfAborted();
    this.requests.push(request);
    const [, first] = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "") ?? [];
    const start = Number(first ?? 0);
    const headers = new Headers({ etag: this.#etag });
    if (!this.#isChunked) headers.set("content-length", `${this.#size - start}`);
    if (first !== undefined) headers.set("content-range", `bytes ${start}-${this.#size - 1}/${this.#size}`);
    return Promise.resolve(new Response(this.#body(request, start), { status: first ? 206 : 200, headers }));
  };

  /** Chunks whose bytes are their numbers. */
  #body(request: Request, start: number): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { CHUNK_BYTES } = ObjectOrigin;
    let position = start;
    this.#open.add(request);
    return new ReadableStream({
      start: (controller) => {
        request.signal.addEventListener("abort", () => {
          if (this.#open.delete(request)) controller.error(request.signal.reason);
        });
      },
      pull: (controller) => {
        const length = Math.min(CHUNK_BYTES, this.#size - position);
        if (length > 0) controller.enqueue(new Uint8Array(length).fill(position / CHUNK_BYTES));
        position += length;
        if (position === this.#size && this.#open.delete(request)) controller.close();
      },
      cancel: () => void this.#open.delete(request),
    }, { highWaterMark: 0 });
  }
}
