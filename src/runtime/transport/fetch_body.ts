import type { Bytes } from "../../kit/bytes/bytes.ts";
import { isBun, isEdge, isOldBun } from "../detect.ts";

/** The size of a piece. Runtimes copy what they send; with pieces they copy only this much ahead. */
const PIECE_BYTES = 256 * 1024;

/** Shorter bodies are sent as one array, which is fastest for them. */
const MIN_BYTES = 512 * 1024;

/** A Blob whose bytes are read piece by piece while it is sent, each time it is sent. */
export class PieceBlob extends Blob {
  override readonly size: number;
  /** All bytes, if they are in memory. */
  readonly whole: Bytes | undefined;
  readonly #read: (start: number, end: number) => Bytes | Promise<Bytes>;
  /** Called whenever the runtime has taken another piece. */
  onPiece: (() => void) | undefined;

  constructor(
    size: number,
    read: (start: number, end: number) => Bytes | Promise<Bytes>,
    whole?: Bytes,
  ) {
    super();
    this.size = size;
    this.#read = read;
    this.whole = whole;
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
        this.onPiece?.();
        if (piece.byteLength > 0) controller.enqueue(piece);
        if (position >= this.size) controller.close();
      },
    }, { highWaterMark: 0 });
  }
}

/**
 * Returns what to send for a body: pieces for a large array, which would otherwise be copied as a whole and held until the
 * next garbage collection. Edge runtimes accept only bodies of their own classes, and Bun below 1.4
 * would send no length.
 */
export function bodyToSend(body: Bytes | Blob): Bytes | Blob {
  if (body instanceof Blob || body.byteLength < MIN_BYTES || isEdge() || isOldBun()) return body;
  return new PieceBlob(body.byteLength, (start, end) => body.subarray(start, end), body);
}

/**
 * Adapts a request for `fetch`. Deno and Node read the size and the stream of any Blob. Bun accepts only its own Blobs, but
 * takes the length of a stream from the header. Below 1.4 it ignores that header, and confuses slices of Blobs: there a Blob
 * is read into memory first, which is a part of an upload at most.
 */
export function fetchInit(init: RequestInit): RequestInit | Promise<RequestInit> {
  const { body } = init;
  if (!(body instanceof Blob) || !isBun()) return init;
  if (isOldBun()) return body.arrayBuffer().then((body) => ({ ...init, body }));
  if (!(body instanceof PieceBlob)) return init;
  const headers = new Headers(init.headers);
  headers.set("content-length", String(body.size));
  return { ...init, body: body.stream(), headers, duplex: "half" } as RequestInit;
}
