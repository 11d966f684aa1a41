/** An S3 server behind a line with faults that a seed determines, on real sockets. */
import { type Answer, answerInstead, errorAnswer, pageAnswer } from "./fault_answers.ts";
import { deliver, send } from "./fault_delivery.ts";
import { type Fault, FAULT_KINDS, type FaultKind, FaultPlan, type FaultSubject } from "./fault_plan.ts";
import type { FaultTarget } from "./fault_target.ts";
import { HttpSocket, type RequestHead } from "./http_socket.ts";

const HOUR_MILLISECONDS = 3_600_000;

/** The longest time for which the port is closed. */
const MOST_REFUSED_MILLISECONDS = 300;

/** The length of the log. */
const MOST_LOGGED = 5000;

/** The maximum number of faults for aborting one upload, so that a client with three attempts succeeds. */
const MAX_ABORT_FAULTS = 2;

export interface FaultOptions {
  /** Determines the faults. */
  readonly seed: number;
  /** The share of requests with a fault, from 0 to 1. */
  readonly rate: number;
  /** The kinds of fault; all of them by default. */
  readonly kinds?: readonly FaultKind[];
  /** The port, which must be fixed for the fault that closes it; any free one by default. */
  readonly port?: number;
}

export class FaultServer implements AsyncDisposable {
  readonly endpoint: string;
  /** The number of injections of each fault. */
  readonly injected = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  /** The number of requests. */
  requestCount = 0;
  /** Whether faults are injected. */
  faulty = true;
  /** The last faults, as `operation path kind`. */
  readonly log: string[] = [];
  readonly #target: FaultTarget;
  readonly #plan: FaultPlan;
  readonly #port: number;
  #listener: Deno.TcpListener;
  #reopening: Promise<void> | undefined;
  readonly #sockets = new Set<HttpSocket>();
  readonly #loops = new Set<Promise<void>>();
  /** Paths of the requests in progress. */
  readonly #underWay: string[] = [];
  #burst: { left: number; readonly kind: FaultKind; readonly retryAfter: string | undefined } | undefined;
  #skewMilliseconds = 0;
  readonly #abortFaults = new Map<string, number>();

  constructor(target: FaultTarget, { seed, rate, kinds = FAULT_KINDS, port = 0 }: FaultOptions) {
    this.#target = target;
    this.#plan = new FaultPlan(seed, rate, kinds);
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#port = this.#listener.addr.port;
    this.endpoint = `http://127.0.0.1:${this.#port}`;
    this.#track(this.#accept());
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Stops injecting faults, and sets the clock ahead of all earlier times. */
  calmDown(): void {
    this.faulty = false;
    this.#target.skew(HOUR_MILLISECONDS);
  }

  /**
   * Waits until all requests so far are read, also those of closed connections, and none with this prefix or to the whole
   * bucket is in progress.
   */
  async settled(key: string): Promise<void> {
    // Connections are read in order, so requests that were sent before are read before this one.
    for (let round = 0; round < 2; round++) await this.#probe();
    const concerns = (path: string): boolean => /^\/media\/?$/.test(path) || path.startsWith(`/media/${key}`);
    while (this.#underWay.some(concerns)) await sleep(2);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reopening;
    this.#listener.close();
    for (const socket of this.#sockets) socket.close();
    await Promise.all(this.#loops);
  }

  /** Sends a request without faults, on a new connection, once the port is open. */
  async #probe(): Promise<void> {
    for (;;) {
      await this.#reopening;
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#port }).catch(() => undefined);
      if (connection === undefined) continue;
      const read = await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"))
        .then(() => connection.read(new Uint8Array(1024))).catch(() => null);
      if (read !== null) return; // else it was reset when the port was closed
    }
  }

  async #accept(): Promise<void> {
    for (;;) {
      try {
        const socket = new HttpSocket(await this.#listener.accept());
        this.#sockets.add(socket);
        this.#track(this.#serve(socket));
      } catch (error) {
        if (error instanceof Deno.errors.NotConnected) continue; // the client closed before it was accepted
        if (error instanceof Deno.errors.BadResource) return; // the listener is closed
        throw error;
      }
    }
  }

  #track(work: Promise<void>): void {
    this.#loops.add(work);
    work.finally(() => this.#loops.delete(work));
  }

  async #serve(socket: HttpSocket): Promise<void> {
    try {
      for (let goesOn = true; goesOn;) {
        const head = await socket.readHead();
        if (head === undefined) return;
        const path = head.target.split("?", 1)[0]!;
        if (path === "/") {
          await send(socket, head, { status: 204, headers: new Headers(), body: new Uint8Array(0) });
          continue;
        }
        this.#underWay.push(path);
        try {
          goesOn = await this.#meet(socket, head);
        } finally {
          this.#underWay.splice(this.#underWay.indexOf(path), 1);
        }
      }
    } finally {
      this.#sockets.delete(socket);
      socket.close();
    }
  }

  /** Whether the connection can be reused. */
  async #meet(socket: HttpSocket, head: RequestHead): Promise<boolean> {
    this.requestCount++;
    const subject = subjectOf(head);
    const fault = this.#draw(head, subject);
    const kind = fault?.kind;
    if (kind !== undefined) this.log.push(`${subject.operation} ${head.target} ${kind} ${fault!.amount.toFixed(3)}`);
    if (this.log.length > MOST_LOGGED) this.log.shift();
    if (kind !== undefined && !LATE_COUNTED.has(kind)) this.injected[kind]++;
    switch (kind) {
      case "refused":
        return this.#refuse(fault!);
      case "resetBefore":
        return false;
      case "resetDuring":
        await socket.readBody(Math.floor(subject.bodyBytes * fault!.amount));
        return false;
      case "silence":
        return await this.#silence(socket, head);
    }
    const tooMany = kind === "slowDown" || kind === "slowDownRetryAfter";
    if (tooMany && fault!.amount < 0.3) {
      await send(socket, head, this.#refusal()); // before the body was received
      return false;
    }
    const body = await socket.readBody(subject.bodyBytes);
    if (body.length < subject.bodyBytes) return false; // the client closed the connection
    const instead = tooMany ? this.#refusal() : fault && answerInstead(fault);
    if (instead !== undefined) {
      await send(socket, head, instead);
      return kind !== "requestTimeout";
    }
    if (kind === "flippedBit" || kind === "flippedPlainBit") body[Math.floor(body.length * fault!.amount)]! ^= 1;
    if (kind === "skew") {
      this.#skewMilliseconds = Math.floor(fault!.amount * 3 - 1) * HOUR_MILLISECONDS;
      this.#target.skew(this.#skewMilliseconds);
    }
    if (kind === "expired") this.#target.expire(head);
    const answer = await this.#execute(head, body);
    if (answer === undefined) return false;
    return await this.#deliver(socket, head, body, answer, fault);
  }

  /** The response of the server; `undefined` if the server itself closed the connection. */
  #execute(head: RequestHead, body: Uint8Array<ArrayBuffer>): Promise<Answer | undefined> {
    return this.#target.execute(head, body).catch(() => undefined);
  }

  /** Applies a fault to the response to an executed request. */
  async #deliver(
    socket: HttpSocket,
    head: RequestHead,
    body: Uint8Array<ArrayBuffer>,
    answer: Answer,
    fault: Fault | undefined,
  ): Promise<boolean> {
    if (fault === undefined) {
      await send(socket, head, answer);
      return true;
    }
    switch (fault.kind) {
      case "resetAfter":
        return false;
      case "silenceAfter":
        return await this.#silence(socket, head);
      case "internalErrorAfter":
        await send(socket, head, errorAnswer(500, "InternalError"));
        return true;
      case "errorDocumentAfter":
        await send(socket, head, errorAnswer(200, "InternalError"));
        return true;
      case "loginPageAfter":
        await send(socket, head, pageAnswer(200, "Login"));
        return true;
      case "duplicate":
        await this.#execute(head, body);
        break;
      case "lateDuplicate":
        this.#track(sleep(fault.amount * 100).then(() => this.#execute(head, body)).then(() => {}));
        break;
      case "slowFirstByte":
        await sleep(fault.amount * 200);
        break;
      case "wrongETag":
        answer.headers.set("etag", `"${"0".repeat(32)}"`);
        break;
      case "wrongChecksum":
        answer.headers.set("x-amz-checksum-crc32", "AAAAAA==");
        break;
      case "wrongRange":
        if (shiftRange(answer)) this.injected.wrongRange++;
        break;
      case "flippedAnswer":
      case "flippedPlainAnswer":
        if (!(fault.kind === "flippedAnswer" ? hasChecksum(answer) : hasMd5(answer))) break;
        answer.body[answer.body.length - 1]! ^= 1;
        this.injected[fault.kind]++;
        break;
    }
    // The length of a whole object is known from Content-Length alone until all of it was read.
    const { kind } = fault;
    const isLengthFault = kind === "shortLength" || kind === "longLength";
    const isHidden = isLengthFault && answer.status !== 206 && !isXml(answer);
    if (isLengthFault && !isHidden) this.injected[kind]++;
    const delivered = await deliver(socket, head, answer, isHidden ? { ...fault, kind: "slowDrip" } : fault);
    return delivered === "silent" ? await this.#silence(socket, head) : delivered === "open";
  }

  #draw(head: RequestHead, subject: FaultSubject): Fault | undefined {
    if (!this.faulty) return undefined;
    const upload = subject.operation === "AbortMultipartUpload" ? head.target : undefined;
    const aborts = this.#abortFaults.get(upload ?? "") ?? 0;
    if (upload !== undefined && aborts === MAX_ABORT_FAULTS) return undefined;
    const fault = this.#inBurst() ?? this.#plan.draw(subject, (kind) => this.injected[kind] === 0);
    if (fault !== undefined && upload !== undefined) this.#abortFaults.set(upload, aborts + 1);
    if (fault?.kind === "slowDown") {
      this.#burst ??= { left: burstLength(fault), kind: fault.kind, retryAfter: undefined };
    }
    if (fault?.kind === "slowDownRetryAfter") {
      const retryAfter = fault.amount < 0.9
        ? "0"
        : fault.amount < 0.95
        ? new Date(Date.now() + this.#skewMilliseconds).toUTCString()
        : "1";
      this.#burst ??= { left: burstLength(fault), kind: fault.kind, retryAfter };
    }
    return fault;
  }

  #inBurst(): Fault | undefined {
    const burst = this.#burst;
    if (burst === undefined) return undefined;
    if (burst.left-- > 0) return { kind: burst.kind, amount: 0.5 };
    this.#burst = undefined;
    return undefined;
  }

  #refusal(): Answer {
    const answer = errorAnswer(503, "SlowDown");
    const retryAfter = this.#burst?.retryAfter;
    if (retryAfter !== undefined) answer.headers.set("retry-after", retryAfter);
    return answer;
  }

  /** Closes the port for a moment, and all connections. */
  #refuse({ amount }: Fault): false {
    this.#reopening ??= this.#closedFor(amount * MOST_REFUSED_MILLISECONDS);
    return false;
  }

  async #closedFor(milliseconds: number): Promise<void> {
    this.#listener.close();
    for (const socket of this.#sockets) socket.close();
    await sleep(milliseconds);
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.#port });
    this.#reopening = undefined;
    this.#track(this.#accept());
  }

  /** Sends nothing until the client closes; the request is no longer in progress. */
  async #silence(socket: HttpSocket, head: RequestHead): Promise<false> {
    const path = head.target.split("?", 1)[0]!;
    this.#underWay.splice(this.#underWay.indexOf(path), 1);
    await socket.untilLeft();
    this.#underWay.push(path);
    return false;
  }
}

/** Faults that are counted only if the answer can have them. */
const LATE_COUNTED: ReadonlySet<FaultKind> = new Set([
  "flippedAnswer",
  "flippedPlainAnswer",
  "longLength",
  "shortLength",
  "wrongRange",
]);

/** Whether an answer has a checksum of the whole object. */
function hasChecksum({ headers, body }: Answer): boolean {
  return body.length > 0 && headers.get("x-amz-checksum-type") === "FULL_OBJECT";
}

/** Whether the ETag of a whole object is its MD5. */
function hasMd5({ status, headers, body }: Answer): boolean {
  return status === 200 && body.length > 0 && /^"?[0-9a-f]{32}"?$/.test(headers.get("etag") ?? "");
}

function isXml({ body }: Answer): boolean {
  return body[0] === 0x3c; // "<"
}

/** Moves the range that an answer names by one byte; returns whether it has one. */
function shiftRange({ status, headers }: Answer): boolean {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (status !== 206 || Number(last) + 1 >= Number(size)) return false;
  headers.set("content-range", `bytes ${Number(first) + 1}-${Number(last) + 1}/${size}`);
  return true;
}

function burstLength({ amount }: Fault): number {
  return Math.floor(amount * 6);
}

function subjectOf({ method, target, headers }: RequestHead): FaultSubject {
  const { pathname, searchParams } = new URL(target, "http://localhost");
  const isObject = pathname.length > "/media/".length;
  // The suffixes of alternative names differ in each run.
  const name = pathname.replace(/_[A-Za-z0-9]{7}(?=\.|$)/, "");
  const has = (query: string): boolean => searchParams.has(query);
  const operation = !isObject
    ? method === "POST" ? "DeleteObjects" : method === "HEAD" ? "HeadBucket" : "ListObjectsV2"
    : method === "GET"
    ? "GetObject"
    : method === "HEAD"
    ? "HeadObject"
    : method === "POST"
    ? has("uploads") ? "CreateMultipartUpload" : "CompleteMultipartUpload"
    : method === "DELETE"
    ? has("uploadId") ? "AbortMultipartUpload" : "DeleteObject"
    : has("uploadId")
    ? "UploadPart"
    : headers.has("x-amz-copy-source")
    ? "CopyObject"
    : "PutObject";
  return {
    operation,
    identity: `${name} ${searchParams.get("partNumber") ?? ""} ${searchParams.get("prefix") ?? ""}`,
    method,
    bodyBytes: Number(headers.get("content-length") ?? 0),
    bodySigned: headers.get("x-amz-content-sha256") !== "UNSIGNED-PAYLOAD" || headers.has("x-amz-checksum-crc32c"),
    isRange: headers.has("range"),
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
