import type { S3Client } from "../../../src/client/s3_client.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { clientOn } from "../transport.ts";

/** What becomes of a request: an answer instead of the server's, or nothing to let it through. */
export type Intercept = (
  request: Request,
  query: URLSearchParams,
) => Response | undefined | Promise<Response | undefined>;

/**
 * The in-memory server, which takes parts of any size, and what went by on the way to it. Held by `await using`, it is over
 * only when it is idle.
 */
export class UploadServer implements AsyncDisposable {
  readonly server: S3Server = createS3Server({ buckets: ["bucket"], minPartSize: 1 });
  readonly client: S3Client;
  /** Parts that are being answered now, and the most there were at once. */
  underWay = 0;
  mostUnderWay = 0;
  /** The parts' sizes by their numbers. */
  readonly partSizes = new Map<number, number>();

  /** What is being answered, also to those who have given up. */
  readonly #answers = new Set<Promise<Response>>();

  constructor(readonly intercept: Intercept = () => undefined) {
    this.client = clientOn(this, { accessKey: "testkey", secretKey: "testsecret", securityToken: undefined });
  }

  readonly fetch = (request: Request): Promise<Response> => {
    const answer = this.#answer(request).finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
    return answer;
  };

  /** Waits until everything is answered: a part that fails, or an abort, leaves requests that nobody waits for. */
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

/** A promise and what settles it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Lets everything run that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
