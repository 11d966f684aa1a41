import { S3Client } from "../../src/client/s3_client.ts";
import { credentialsFromSettings } from "../../src/credentials/from_settings.ts";
import type { S3StorageOptions } from "../../src/settings/options.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";

/** A scripted response: a Response, a network error, or a function of the request. */
export type Answer = Response | Error | ((request: Request) => Response | Promise<Response>);

export interface ScriptedTransport {
  readonly fetch: (request: Request) => Promise<Response>;
  /** The requests, in order. */
  readonly requests: Request[];
}

/** A transport that returns the responses in order, and then repeats the last one. */
export function scripted(...answers: Answer[]): ScriptedTransport {
  const requests: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted();
    const answer = answers[Math.min(requests.push(request), answers.length) - 1]!;
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? await answer(request) : answer.clone();
  };
  return { fetch, requests };
}

/** S3's error document. */
export function errorAnswer(
  status: number,
  code: string,
  extra: { headers?: Record<string, string>; elements?: string; message?: string } = {},
): Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${
    extra.message ?? "It failed."
  }</Message>${extra.elements ?? ""}</Error>`;
  return new Response(body, { status, headers: { "content-type": "application/xml", ...extra.headers } });
}

/** A response without a body, as for HEAD. */
export function bareAnswer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

export function xmlAnswer(body: string, status = 200): Response {
  return new Response(`<?xml version="1.0"?>${body}`, { status, headers: { "content-type": "application/xml" } });
}

/** The error that runtimes throw when the network fails. */
export function networkError(): TypeError {
  return new TypeError("error sending request", { cause: new Error("connection reset by peer") });
}

/** A transport that never responds, and respects its signal. */
export function silence(request: Request): Promise<Response> {
  return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
}

/** A body that reports whether it was cancelled or read to its end. */
export function watchedBody(chunks = 3): { stream: ReadableStream<Uint8Array<ArrayBuffer>>; fate: () => string } {
  let fate = "left alone";
  let left = chunks;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (left-- > 0) return controller.enqueue(new Uint8Array(1024));
      fate = "read";
      controller.close();
    },
    cancel: () => void (fate = "cancelled"),
  }, { highWaterMark: 0 });
  return { stream, fate: () => fate };
}

export const SECRET = "hunter2-secret-access-key";
export const TOKEN = "hunter2-session-token";

/** A client with credentials on a transport. */
export function clientOn(transport: Pick<ScriptedTransport, "fetch">, options: S3StorageOptions = {}): S3Client {
  const settings = resolveSettings([{
    bucketName: "bucket",
    accessKey: "AKID",
    secretKey: SECRET,
    securityToken: TOKEN,
    fetch: transport.fetch,
    ...options,
  }], { environment: () => undefined });
  return new S3Client(settings, credentialsFromSettings(settings));
}

/** Runs with every random wait at its minimum of 0; the lengths of waits have tests of their own. */
export async function withoutWaiting<T>(run: () => Promise<T>): Promise<T> {
  const random = Math.random;
  Math.random = () => 0;
  try {
    return await run();
  } finally {
    Math.random = random;
  }
}
