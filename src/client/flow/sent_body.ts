import { blobStream } from "../../runtime/blob_stream.ts";
import { ByteReader, endAfter } from "../../kit/bytes/byte_reader.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { isEdge, machine } from "../../runtime/detect.ts";
import { dropsRequests } from "../../runtime/drops_requests.ts";
import { bodyToSend, fetchInit, PieceBlob, withBytes } from "../../runtime/transport/fetch_body.ts";
import type { Settings } from "../../settings/resolve.ts";
import type { S3Request } from "../request.ts";
import type { Pace } from "./bandwidth.ts";
import type { BodyInFlight, ConnectionState } from "./connection_state.ts";
import { leastRate, waitInTime } from "./wait_limit.ts";

/** Bytes that buffers of the runtime and the system can take: they leave the runtime long before they are sent. */
const UNOBSERVED_BYTES = 8 * 1024 * 1024;

/** With limited bandwidth, a piece takes about this many seconds: some servers wait no longer than 20 for the next one. */
const PIECE_SECONDS = 0.25;

/** The least size of such a piece. */
const MIN_PIECE_BYTES = 4096;

/** The most connections of a request on Cloudflare Workers that may wait for a response; each may send such a body. */
const EDGE_CONNECTIONS = 6;

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
export class SentBody implements BodyInFlight {
  /** What to give to the transport. */
  readonly body: Bytes | Blob;
  readonly #connections: ConnectionState;
  readonly #limits: AttemptLimits;
  readonly #rate: number;
  readonly size: number;
  readonly unobserved: number;
  readonly #startedAt = performance.now();
  /** When it last made progress. */
  #progressedAt = this.#startedAt;
  /** The most bytes in flight at the same time: unobserved ones since the last progress, and all since the start. */
  #unobservedPeak = 0;
  #peak = 0;
  /** When another body was last sent, which shows the speed of the line, and the unobserved bytes then or since. */
  #estimate = { at: this.#startedAt, bytes: 0 };

  /** @param rate The least bytes per second at which it is sent. */
  constructor(connections: ConnectionState, body: Bytes | Blob, limits: AttemptLimits, rate: number) {
    this.#connections = connections;
    this.#limits = limits;
    this.#rate = rate;
    this.body = body;
    this.size = sizeOf(body);
    const isVisible = body instanceof PieceBlob;
    this.unobserved = isVisible ? Math.min(this.size, UNOBSERVED_BYTES) : this.size;
    if (isVisible) body.onPiece = this.#progress;
    if (!dropsRequests()) (connections.sent ??= new Set()).add(this);
    const [unobserved, all] = this.#load();
    this.#estimate.bytes = unobserved - this.unobserved;
    if (connections.sent === undefined) this.share(unobserved, all, this.unobserved);
    for (const body of connections.sent ?? []) body.share(unobserved, all, this.unobserved);
  }

  share(unobserved: number, all: number, further: number): void {
    this.#unobservedPeak = Math.max(this.#unobservedPeak, unobserved);
    this.#peak = Math.max(this.#peak, all);
    this.#estimate.bytes += further;
  }

  /** Only what is still in flight has to be sent: a silent server does not get the time of large bodies. */
  release(at: number, bytes: number): void {
    if (this.#sentBy(at, bytes) < this.#sentBy(this.#estimate.at, this.#estimate.bytes)) this.#estimate = { at, bytes };
  }

  /** Sends its request by a transport that is faster than `fetch`, if there is one. */
  async fetch(url: string, init: RequestInit): Promise<Response> {
    const transport = (await machine.load()).bulkTransport(url, this.body);
    return await (transport === undefined ? fetch(url, await withBytes(fetchInit(init))) : transport.fetch(url, init));
  }

  /** Adapts its request for `fetch`. */
  fetchInit(init: RequestInit): RequestInit {
    return fetchInit(init);
  }

  /** The seconds that are left to the attempt; 0 or less if it has failed. */
  readonly secondsLeft = (): number => {
    const sent = Math.min(
      this.#sentBy(this.#progressedAt, this.#unobservedPeak),
      this.#sentBy(this.#estimate.at, this.#estimate.bytes),
    );
    // While its turn has not come, the server waits for the client.
    const isWaiting = this.body instanceof PacedBlob && this.body.isWaiting;
    const idleUntil = (isWaiting ? performance.now() / 1000 : sent) + this.#limits.idle;
    const until = this.#sentBy(this.#startedAt, this.#peak) + this.#limits.total;
    return Math.min(idleUntil, until) - performance.now() / 1000;
  };

  /** Ends the attempt. */
  readonly end = (): void => {
    this.#connections.sent?.delete(this);
    const [bytes] = this.#load();
    for (const body of this.#connections.sent ?? []) body.release(performance.now(), bytes);
  };

  readonly #progress = (): void => {
    this.#progressedAt = performance.now();
    [this.#unobservedPeak] = this.#load();
    this.#estimate = { at: this.#progressedAt, bytes: this.#unobservedPeak };
  };

  /** The time, in seconds, by which bytes are sent on the slowest line that is supported. */
  #sentBy(milliseconds: number, bytes: number): number {
    return milliseconds / 1000 + bytes / this.#rate;
  }

  /** The bytes that are in flight now. */
  #load(): [unobserved: number, all: number] {
    const { sent } = this.#connections;
    // Where a request may be dropped, its bodies are not listed: they would stay in memory, and never leave the line.
    if (sent === undefined) return [this.unobserved * EDGE_CONNECTIONS, this.size * EDGE_CONNECTIONS];
    let [unobserved, all] = [0, 0];
    for (const body of sent) {
      unobserved += body.unobserved;
      all += body.size;
    }
    return [unobserved, all];
  }
}

/**
 * Starts to send a body, as fast as the storage allows.
 *
 * @param signal Aborted when the attempt ends.
 * @throws {WaitTimeout} If the bandwidth is taken until the end of the call.
 */
export async function watchBody(
  connections: ConnectionState,
  body: Bytes | Blob,
  settings: Settings,
  limits: AttemptLimits,
  signal: AbortSignal,
  request: S3Request,
): Promise<SentBody> {
  const rate = leastRate(settings);
  const pace = connections.bandwidth?.paceOf(settings, signal);
  if (pace === undefined) return new SentBody(connections, bodyToSend(body), limits, rate);
  const size = sizeOf(body);
  if (size > MIN_PIECE_BYTES && !isEdge()) {
    const { maxBandwidth = 0 } = settings.transferConfig;
    return new SentBody(connections, new PacedBlob(body, pace, maxBandwidth * PIECE_SECONDS), limits, rate);
  }
  const now = performance.now();
  const end = now + (limits.total + size / rate) * 1000;
  await waitInTime(request, "bandwidth (maxBandwidth)", end, async (signal) => {
    await connections.bandwidth!.paceOf(settings, signal)!(size);
  });
  const total = limits.total - (performance.now() - now) / 1000;
  return new SentBody(connections, body, { ...limits, total }, rate);
}

/** A body that is sent piece by piece with limited bandwidth. */
class PacedBlob extends PieceBlob {
  readonly #body: Blob;
  readonly #pace: Pace;
  readonly #pieceBytes: number;
  /** Whether the next piece waits for its turn. */
  isWaiting = false;

  constructor(body: Bytes | Blob, pace: Pace, pieceBytes: number) {
    super(sizeOf(body), () => new Uint8Array(0));
    this.#body = body instanceof Blob ? body : new PieceBlob(this.size, (start, end) => body.subarray(start, end));
    this.#pace = pace;
    this.#pieceBytes = Math.max(MIN_PIECE_BYTES, Math.floor(pieceBytes));
  }

  override stream(): ReadableStream<Bytes> {
    const reader = new ByteReader(blobStream(this.#body));
    return new ReadableStream({
      pull: async (controller) => {
        const piece = await reader.readUntil(endAfter(this.#pieceBytes));
        if (piece.byteLength === 0) return controller.close();
        this.isWaiting = true;
        await this.#pace(piece.byteLength);
        this.isWaiting = false;
        this.onPiece?.();
        controller.enqueue(piece);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
  }
}

function sizeOf(body: Bytes | Blob): number {
  return body instanceof Blob ? body.size : body.byteLength;
}
