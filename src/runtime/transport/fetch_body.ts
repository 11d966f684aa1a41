import type { Bytes } from "../../kit/bytes/bytes.ts";
import { isBun, isEdge } from "../detect.ts";

/** What is handed over at once. Runtimes copy what they send: so they copy no more than this ahead. */
const PIECE_BYTES = 256 * 1024;

/** What is shorter is sent as it is: the quickest way for little. */
const LEAST_BYTES = 512 * 1024;

/** Bytes that are asked for piece by piece while they are sent, as often as they must be. */
export class PieceBlob extends Blob {
  override readonly size: number;
  /** All of them, where they are in memory. */
  readonly whole: Bytes | undefined;
  readonly #read: (start: number, end: number) => Bytes | Promise<Bytes>;

  constructor(size: number, read: (start: number, end: number) => Bytes | Promise<Bytes>, whole?: Bytes) {
    super();
    this.size = size;
    this.whole = whole;
    this.#read = read;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return await new Response(this.stream()).arrayBuffer();
  }

  override stream(): ReadableStream<Bytes> {
    let position = 0;
    return new ReadableStream({
      pull: async (controller) => {
        const piece = await this.#read(position, Math.min(position + PIECE_BYTES, this.size));
        position += piece.byteLength;
        if (piece.byteLength > 0) controller.enqueue(piece);
        if (position >= this.size) controller.close();
      },
    }, { highWaterMark: 0 });
  }
}

/**
 * What to send for a body. Much of it goes in pieces: an array as a whole would be copied as a whole, and be held until the
 * garbage is collected. An edge takes only what is its own.
 */
export function bodyToSend(body: Bytes | Blob | null): Bytes | Blob | null {
  if (body === null || body instanceof Blob || body.byteLength < LEAST_BYTES || isEdge()) return body;
  return new PieceBlob(body.byteLength, (start, end) => body.subarray(start, end), body);
}

/**
 * The same request for `fetch`. Deno and Node ask any Blob for its size and its stream. Bun knows only Blobs of its own,
 * but takes a stream's length from the header.
 */
export function fetchInit(init: RequestInit): RequestInit {
  const { body } = init;
  if (!(body instanceof PieceBlob) || !isBun()) return init;
  const headers = new Headers(init.headers);
  headers.set("content-length", String(body.size));
  return { ...init, body: body.stream(), headers, duplex: "half" } as RequestInit;
}
