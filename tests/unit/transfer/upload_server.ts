import type { S3Client } from "../../../src/client/s3_client.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { clientOn } from "../transport.ts";

/** A response in place of the server's; `undefined` passes the request on. */
export type Intercept = (
  request: Request,
  query: URLSearchParams,
) => Response | undefined | Promise<Response | undefined>;

/**
 * The in-memory server, which accepts parts of any size, and a record of its requests. With `await using`, its end waits
 * until it is idle.
 */
export class UploadServer implements AsyncDisposable {
  readonly server: S3Server = createS3Server({ buckets: ["bucket"], minPartSize: 1 });
  readonly client: S3Client;
  /** The number of parts in progress, now and at most. */
  underWay = 0;
  mostUnderWay = 0;
  /** The sizes of parts by their numbers. */
  readonly partSizes = new Map<number, number>();

  /** Pending responses, including those to aborted requests. */
  readonly #answers = new Set<Promise<Response>>();

  constructor(readonly intercept: Intercept = () => undefined) {
    this.client = clientOn(this, { accessKey: "testkey", secretKey: "testsecret", securityToken: undefined });
  }

  readonly fetch = (request: Request): Promise<Response> => {
    const answer = this.#answer(request).finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
    return answer;
  };

  /** Waits for all responses: a part that fails, or an abort, leaves pending requests behind. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#answers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.idle();
  }

  async #answer(request: Request): Promise<Response> {
    request.signal.throwIfAborted();
    const query = new URL(request.url).searchParams;
    const part = query.get("partNumber");
    if (part === null) return await this.intercept(request, query) ?? await this.server.fetch(request);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    try {
      const answer = await this.intercept(request, query);
      if (answer !== undefined) return answer;
      const body = await request.clone().arrayBuffer();
      this.partSizes.set(Number(part), body.byteLength);
      return await this.server.fetch(request);
    } finally {
      this.underWay--;
    }
  }

  get operations(): (string | undefined)[] {
    return this.server.requests.map(({ operation }) => operation);
  }

  get sizes(): number[] {
    return [...this.partSizes].sort(([one], [other]) => one - other).map(([, size]) => size);
  }
}

/** A promise and the function that resolves it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Lets everything run that waits only for the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
