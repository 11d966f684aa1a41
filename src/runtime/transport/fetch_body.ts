import type { Bytes } from "../../kit/bytes/bytes.ts";
import { bunApi, isBun, isEdge } from "../detect.ts";

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
 * next garbage collection. Edge runtimes accept only bodies of their own classes, and Bun below 1.4 would send no length.
 */
export function bodyToSend(body: Bytes | Blob): Bytes | Blob {
  if (body instanceof Blob || body.byteLength < MIN_BYTES || isEdge() || isOldBun()) return body;
  return new PieceBlob(body.byteLength, (start, end) => body.subarray(start, end), body);
}

/**
 * Adapts a request for `fetch`. Deno and Node read the size and the stream of any Blob. Bun accepts only its own Blobs, but
 * takes the length of a stream from the header; below 1.4 it needs {@linkcode withBytes} instead.
 */
export function fetchInit(init: RequestInit): RequestInit {
  const { body } = init;
  if (!(body instanceof PieceBlob) || !isBun() || isOldBun()) return init;
  const headers = new Headers(init.headers);
  headers.set("content-length", String(body.size));
  return { ...init, body: body.stream(), headers, duplex: "half" } as RequestInit;
}

/** Reads a body of our own class into memory on Bun below 1.4. That is a part of an upload, or a small file. */
export async function withBytes(init: RequestInit): Promise<RequestInit> {
  const { body } = init;
  return body instanceof PieceBlob && isOldBun() ? { ...init, body: await body.arrayBuffer() } : init;
}

/** Whether this is Bun below 1.4: it sends a stream in chunks, although the header with its length is given. */
function isOldBun(): boolean {
  return /^1\.[0-3]\./.test(bunApi<{ version: string }>()?.version ?? "");
}
