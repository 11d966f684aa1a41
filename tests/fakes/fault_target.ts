/** What executes the requests behind a faulty line: a server of this process, or another one. */
import type { Credentials } from "../../src/aws/credentials.ts";
import { createS3Server, type S3Server } from "../../src/testing/mod.ts";
import { type Answer, errorAnswer } from "./fault_answers.ts";
import type { RequestHead } from "./http_socket.ts";

export interface FaultTarget {
  execute(head: RequestHead, body: Uint8Array<ArrayBuffer>): Promise<Answer>;
  /** Changes the error of the server's clock. */
  skew(milliseconds: number): void;
  /** Lets the credentials of a request expire. */
  expire(head: RequestHead): void;
}

/** Credentials that expire one after the other. */
const GENERATIONS = 200;

const HOUR_MILLISECONDS = 3_600_000;

/** The in-memory S3 server, whose clock and credentials change. */
export class MemoryTarget implements FaultTarget {
  readonly server: S3Server;
  readonly #expirations = Array.from({ length: GENERATIONS }, () => new Date(Date.now() + 100 * HOUR_MILLISECONDS));
  #generation = 0;
  #skewMilliseconds = 0;

  constructor() {
    this.server = createS3Server({
      buckets: ["media"],
      now: () => new Date(Date.now() + this.#skewMilliseconds),
      credentials: this.#expirations.map((expiration, generation) => ({ ...credentialsOf(generation), expiration })),
    });
  }

  /** The current credentials, which the provider returns. */
  readonly credentials = (): Credentials => ({
    ...credentialsOf(this.#generation),
    expiration: this.#expirations[this.#generation]!,
  });

  skew(milliseconds: number): void {
    this.#skewMilliseconds = milliseconds;
  }

  expire(): void {
    if (this.#generation === GENERATIONS - 1) return;
    this.#expirations[this.#generation++]!.setTime(0);
  }

  execute(head: RequestHead, body: Uint8Array<ArrayBuffer>): Promise<Answer> {
    return fetchedFrom(this.server, head, body);
  }
}

/** Sends a request to an in-memory server. */
export async function fetchedFrom(
  server: S3Server,
  { method, target, headers }: RequestHead,
  body: Uint8Array<ArrayBuffer>,
): Promise<Answer> {
  const init = { method, headers, body: method === "GET" || method === "HEAD" ? null : body };
  const response = await server.fetch(new Request(`http://${headers.get("host")}${target}`, init));
  return {
    status: response.status,
    headers: new Headers(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}

/**
 * Another server, whose clock and credentials cannot change: it gets no request that is signed with an expired key or
 * that meets the wrong clock.
 */
export class ForeignTarget implements FaultTarget {
  readonly #forward: FaultTarget["execute"];
  #skewMilliseconds = 0;
  #expiredKey: string | undefined;

  constructor(forward: FaultTarget["execute"]) {
    this.#forward = forward;
  }

  /** The clock is correct again after one request, as the server would reject what is signed for another time. */
  skew(milliseconds: number): void {
    this.#skewMilliseconds = milliseconds;
  }

  /** The key that expired before is valid again. */
  expire(head: RequestHead): void {
    this.#expiredKey = keyOf(head) ?? this.#expiredKey;
  }

  async execute(head: RequestHead, body: Uint8Array<ArrayBuffer>): Promise<Answer> {
    // An upload would be left if the faults of several other requests met the request that aborts it.
    if (isAbort(head)) return await this.#forward(head, body);
    const skew = this.#skewMilliseconds;
    this.#skewMilliseconds = 0;
    if (skew !== 0) {
      const answer = errorAnswer(403, "RequestTimeTooSkewed");
      answer.headers.set("date", new Date(Date.now() + skew).toUTCString());
      return answer;
    }
    const key = keyOf(head);
    if (key !== undefined && key === this.#expiredKey) return errorAnswer(400, "ExpiredToken");
    return await this.#forward(head, body);
  }
}

function isAbort({ method, target }: RequestHead): boolean {
  return method === "DELETE" && target.includes("uploadId=");
}

/** The access key of a signed request. */
function keyOf({ headers }: RequestHead): string | undefined {
  return /Credential=([^/]+)/.exec(headers.get("authorization") ?? "")?.[1];
}

function credentialsOf(generation: number): Credentials & { readonly sessionToken: string } {
  return {
    accessKeyId: `key${generation}`,
    secretAccessKey: `secret${generation}`,
    sessionToken: `token${generation}`,
  };
}
