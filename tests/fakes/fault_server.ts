/** The in-memory S3 server on real sockets, with faults that a seed determines. */
import type { Credentials } from "../../src/aws/credentials.ts";
import { createS3Server, type S3Server } from "../../src/testing/mod.ts";
import { type Fault, FAULT_KINDS, type FaultKind, FaultPlan, type FaultSubject } from "./fault_plan.ts";
import { HttpSocket, type RequestHead } from "./http_socket.ts";

/** Credentials that expire one after the other. */
const GENERATIONS = 200;

const HOUR_MILLISECONDS = 3_600_000;

/** The maximum number of faults for aborting one upload, so that a client with three attempts succeeds. */
const MAX_ABORT_FAULTS = 2;

/** Faults after which a client does not know the result. */
const HIDES_ANSWER: ReadonlySet<FaultKind> = new Set([
  "internalErrorAfter",
  "resetAfter",
  "silenceAfter",
  "stalled",
  "truncated",
]);

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export class FaultServer implements AsyncDisposable {
  readonly server: S3Server;
  readonly endpoint: string;
  /** The number of injections of each fault. */
  readonly injected = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  /** Created uploads whose id was not sent to the client. */
  readonly unheardUploads = new Set<string>();
  /** The number of requests. */
  requestCount = 0;
  /** Whether faults are injected. */
  faulty = true;
  readonly #plan: FaultPlan;
  readonly #listener: Deno.TcpListener;
  readonly #sockets = new Set<HttpSocket>();
  readonly #loops = new Set<Promise<void>>();
  /** Paths of the requests in progress. */
  readonly #underWay: string[] = [];
  readonly #expirations = Array.from({ length: GENERATIONS }, () => new Date(Date.now() + 100 * HOUR_MILLISECONDS));
  #generation = 0;
  #skewMilliseconds = 0;
  #burst: { left: number; readonly kind: FaultKind; readonly retryAfter: string | undefined } | undefined;
  readonly #abortFaults = new Map<string, number>();

  /**
   * @param seed Determines the faults.
   * @param rate The share of requests with a fault, from 0 to 1.
   */
  constructor(seed: number, rate: number) {
    this.#plan = new FaultPlan(seed, rate);
    this.server = createS3Server({
      buckets: ["media"],
      now: () => new Date(Date.now() + this.#skewMilliseconds),
      credentials: this.#expirations.map((expiration, generation) => ({ ...credentialsOf(generation), expiration })),
    });
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.endpoint = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#track(this.#accept());
  }

  /** The current credentials, which the provider returns. */
  readonly credentials = (): Credentials => ({
    ...credentialsOf(this.#generation),
    expiration: this.#expirations[this.#generation]!,
  });

  /** Stops injecting faults, and sets the clock ahead of all earlier times. */
  calmDown(): void {
    this.faulty = false;
    this.#skewMilliseconds = HOUR_MILLISECONDS;
  }

  /**
   * Waits until all requests so far are read, also those of closed connections, and none with this prefix or to the whole
   * bucket is in progress.
   */
  async settled(key: string): Promise<void> {
    // Connections are read in order, so requests that were sent before are read before this one.
    for (let round = 0; round < 2; round++) await this.#probe();
    const concerns = (path: string): boolean => path === "/media" || path.startsWith(`/media/${key}`);
    while (this.#underWay.some(concerns)) await sleep(2);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const socket of this.#sockets) socket.close();
    await Promise.all(this.#loops);
  }

  /** Sends a request without faults, on a new connection. */
  async #probe(): Promise<void> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#listener.addr.port });
    await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    await connection.read(new Uint8Array(1024));
  }

  async #accept(): Promise<void> {
    for (;;) {
      const connection = await this.#listener.accept().catch(() => undefined); // closed
      if (connection === undefined) return;
      const socket = new HttpSocket(connection);
      this.#sockets.add(socket);
      this.#track(this.#serve(socket));
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
    if (kind !== undefined && kind !== "flippedAnswer") this.injected[kind]++; // flippedAnswer is counted when a bit is flipped
    switch (kind) {
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
    if (tooMany) return await send(socket, head, this.#refusal());
    if (kind === "internalError") return await send(socket, head, errorAnswer(500, "InternalError"));
    if (kind === "errorDocument") {
      return await send(socket, head, errorAnswer(200, fault!.amount < 0.7 ? "InternalError" : "SlowDown"));
    }
    if (kind === "flippedBit") body[Math.floor(body.length * fault!.amount)]! ^= 1;
    if (kind === "skew") this.#skewMilliseconds = Math.floor(fault!.amount * 3 - 1) * HOUR_MILLISECONDS;
    if (kind === "expired") this.#expire();
    const answer = await this.#execute(head, body);
    if (subject.operation === "CreateMultipartUpload" && fault !== undefined && HIDES_ANSWER.has(fault.kind)) {
      this.unheardUploads.add(/<UploadId>(.*?)</.exec(new TextDecoder().decode(answer.body))?.[1] ?? "");
    }
    return await this.#deliver(socket, head, body, answer, fault);
  }

  /** Applies a fault to the response to an executed request. */
  async #deliver(
    socket: HttpSocket,
    head: RequestHead,
    body: Uint8Array<ArrayBuffer>,
    answer: Answer,
    fault: Fault | undefined,
  ): Promise<boolean> {
    switch (fault?.kind) {
      case "resetAfter":
        return false;
      case "silenceAfter":
        return await this.#silence(socket, head);
      case "internalErrorAfter":
        return await send(socket, head, errorAnswer(500, "InternalError"));
      case "errorDocumentAfter":
        return await send(socket, head, errorAnswer(200, "InternalError"));
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
      case "flippedAnswer":
        if (answer.headers.get("x-amz-checksum-type") !== "FULL_OBJECT" || answer.body.length === 0) break;
        answer.body[answer.body.length - 1]! ^= 1;
        this.injected.flippedAnswer++;
        break;
      case "wrongChecksum":
        answer.headers.set("x-amz-checksum-crc32", "AAAAAA==");
        break;
      case "truncated":
        await send(socket, head, answer, fault.amount);
        return false;
      case "stalled":
        // An answer without a body would be complete, and its connection reused.
        if (answer.body.length > 0) await send(socket, head, answer, fault.amount);
        return await this.#silence(socket, head);
    }
    await send(socket, head, answer);
    return fault?.kind !== "closedIdle";
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

  /** Lets the current credentials expire. */
  #expire(): void {
    if (this.#generation === GENERATIONS - 1) return;
    this.#expirations[this.#generation++]!.setTime(0);
  }

  /** Sends nothing until the client closes; the request is no longer in progress. */
  async #silence(socket: HttpSocket, head: RequestHead): Promise<false> {
    const path = head.target.split("?", 1)[0]!;
    this.#underWay.splice(this.#underWay.indexOf(path), 1);
    await socket.untilLeft();
    this.#underWay.push(path);
    return false;
  }

  async #execute({ method, target, headers }: RequestHead, body: Uint8Array<ArrayBuffer>): Promise<Answer> {
    const init = { method, headers, body: method === "GET" || method === "HEAD" ? null : body };
    const response = await this.server.fetch(new Request(`${this.endpoint}${target}`, init));
    return {
      status: response.status,
      headers: new Headers(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  }
}

/** Sends an answer, or a part of its body. Returns true, as the connection can be reused. */
async function send(socket: HttpSocket, { method }: RequestHead, answer: Answer, part = 1): Promise<boolean> {
  const { status, headers } = answer;
  const body = method === "HEAD" ? new Uint8Array(0) : answer.body;
  if (method !== "HEAD" && status !== 204 && status !== 304) headers.set("content-length", String(body.length));
  await socket.answer(status, headers, body, Math.min(Math.floor(body.length * part), body.length));
  return true;
}

function errorAnswer(status: number, code: string): Answer {
  const document =
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>Injected</Message></Error>`;
  return {
    status,
    headers: new Headers({ "content-type": "application/xml" }),
    body: new TextEncoder().encode(document),
  };
}

function burstLength({ amount }: Fault): number {
  return Math.floor(amount * 6);
}

function credentialsOf(generation: number): Credentials & { readonly sessionToken: string } {
  return {
    accessKeyId: `key${generation}`,
    secretAccessKey: `secret${generation}`,
    sessionToken: `token${generation}`,
  };
}

function subjectOf({ method, target, headers }: RequestHead): FaultSubject {
  const { pathname, searchParams } = new URL(target, "http://localhost");
  const isObject = pathname.startsWith("/media/");
  // The suffixes of alternative names differ in each run.
  const name = pathname.replace(/_[A-Za-z0-9]{7}(?=\.|$)/, "");
  const has = (query: string): boolean => searchParams.has(query);
  const operation = !isObject
    ? method === "POST" ? "DeleteObjects" : "ListObjectsV2"
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
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
