import type { Bytes } from "../../kit/bytes/bytes.ts";
import { isEdge } from "../../runtime/detect.ts";
import { bodyToSend, PieceBlob } from "../../runtime/transport/fetch_body.ts";
import type { Connections } from "../connections.ts";
import { MIN_BYTES_PER_SECOND } from "../request.ts";
import type { Pace } from "./bandwidth.ts";

/** Bytes that buffers of the runtime and the system can take, so that they leave the runtime long before they are sent. */
const HIDDEN_BYTES = 8 * 1024 * 1024;

/** With limited bandwidth, a piece takes about this many seconds: some servers wait no longer than 20 for the next one. */
const PIECE_SECONDS = 0.25;

/** Bounds of the size of such a piece, and of bodies that are sent in one. */
const MIN_PIECE_BYTES = 4096;
const MAX_PIECE_BYTES = 256 * 1024;

/** The time limits of an attempt, in seconds. Time to send the bytes is added to both. */
export interface AttemptLimits {
  /** Without progress. */
  readonly idle: number;
  /** In all. */
  readonly total: number;
}

/**
 * A body that is being sent. It extends the time limit of its attempt while it makes progress, as far as the runtime shows
 * it, and by the time that all bodies need that share the line: after a timeout the same bytes would be sent once more.
 */
export class SentBody {
  /** What to give to the transport. */
  readonly body: Bytes | Blob;
  readonly #connections: Connections;
  readonly #limits: AttemptLimits;
  readonly #size: number;
  /** Bytes of which the runtime does not show whether they were sent. */
  readonly #hidden: number;
  readonly #startedAt = performance.now();
  /** When it last made progress. */
  #progressedAt = this.#startedAt;
  /** The most bytes that were on the line at the same time: hidden ones since the last progress, and all since the start. */
  #hiddenPeak = 0;
  #peak = 0;

  constructor(connections: Connections, body: Bytes | Blob, limits: AttemptLimits) {
    this.#connections = connections;
    this.#limits = limits;
    this.body = bodyToSend(body)!;
    this.#size = sizeOf(body);
    const isVisible = this.body instanceof PieceBlob;
    this.#hidden = isVisible ? Math.min(this.#size, HIDDEN_BYTES) : this.#size;
    if (this.body instanceof PieceBlob) this.body.onPiece = this.#progress;
    const sent = connections.sent ??= new Set();
    sent.add(this);
    const [hidden, all] = this.#load();
    for (const body of sent) {
      body.#hiddenPeak = Math.max(body.#hiddenPeak, hidden);
      body.#peak = Math.max(body.#peak, all);
    }
  }

  /** The seconds that are left to the attempt; 0 or less if it has failed. */
  readonly secondsLeft = (): number => {
    const idleUntil = this.#progressedAt / 1000 + this.#limits.idle + this.#hiddenPeak / MIN_BYTES_PER_SECOND;
    const until = this.#startedAt / 1000 + this.#limits.total + this.#peak / MIN_BYTES_PER_SECOND;
    return Math.min(idleUntil, until) - performance.now() / 1000;
  };

  /** Ends the attempt. */
  readonly end = (): void => {
    this.#connections.sent?.delete(this);
  };

  readonly #progress = (): void => {
    this.#progressedAt = performance.now();
    [this.#hiddenPeak] = this.#load();
  };

  /** The bytes that are on the line now. */
  #load(): [hidden: number, all: number] {
    let [hidden, all] = [0, 0];
    for (const body of this.#connections.sent ?? []) {
      hidden += body.#hidden;
      all += body.#size;
    }
    return [hidden, all];
  }
}

/**
 * Limits the bandwidth of a body: by its pieces, or where it is small or has to be sent as a whole, by waiting before.
 *
 * @param bytesPerSecond The limit, for the size of the pieces.
 */
export async function pacedBody(body: Bytes | Blob, pace: Pace, bytesPerSecond: number): Promise<Bytes | Blob> {
  const size = sizeOf(body);
  if (size <= MIN_PIECE_BYTES || isEdge()) {
    await pace(size);
    return body;
  }
  const pieceBytes = Math.max(MIN_PIECE_BYTES, Math.min(Math.ceil(bytesPerSecond * PIECE_SECONDS), MAX_PIECE_BYTES));
  const read = async (start: number, end: number): Promise<Bytes> => {
    await pace(end - start);
    if (body instanceof PieceBlob) return await body.read(start, end);
    return body instanceof Blob
      ? new Uint8Array(await body.slice(start, end).arrayBuffer())
      : body.subarray(start, end);
  };
  return new PieceBlob(size, read, undefined, pieceBytes);
}

function sizeOf(body: Bytes | Blob): number {
  return body instanceof Blob ? body.size : body.byteLength;
}
