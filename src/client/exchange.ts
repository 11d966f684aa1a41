import type { Credentials } from "../credentials/provider.ts";
import { ConnectionError, StorageError, TimeoutError } from "../errors.ts";
import { anySignal } from "../kit/any_signal.ts";
import { encodeHex } from "../kit/bytes.ts";
import { unlessAborted } from "../kit/unless_aborted.ts";
import { sha256 } from "../runtime/digest.ts";
import type { Settings } from "../settings/resolve.ts";
import { encodeKey, encodeQuery } from "../signing/encode.ts";
import { signRequest, UNSIGNED_PAYLOAD } from "../signing/sign_request.ts";
import { bucketAddress } from "./endpoint.ts";
import { definedHeaders, type S3Request } from "./request.ts";

/** SHA-256 of nothing. */
const EMPTY_PAYLOAD_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** A body is given this much time on top of the timeout: whoever is slower than that has no usable connection. */
const SLOWEST_BYTES_PER_SECOND = 64 * 1024;

/** What may differ between two tries of one request. */
export interface ExchangeContext {
  readonly credentials: Credentials;
  readonly region: string;
  readonly date: Date;
  /** Which try it is, from 1 on. */
  readonly attempts: number;
}

/**
 * Sends a request once.
 *
 * @param read Reads the answer, under the same timeout. A body it leaves unread goes on without it.
 * @throws {TimeoutError} If no answer came in time.
 * @throws {ConnectionError} If the network failed, also while the answer was read.
 */
export async function exchange<T>(
  settings: Settings,
  request: S3Request,
  context: ExchangeContext,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const { url, init } = await prepare(settings, request, context);
  const limit = settings.clientConfig.timeout + bodySize(request) / SLOWEST_BYTES_PER_SECOND;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), limit * 1000);
  const signal = anySignal(request.signal, deadline.signal);
  try {
    return await unlessAborted(signal, async () => {
      const response = settings.fetch === undefined
        ? await fetch(url, { ...init, signal })
        : await settings.fetch(new Request(url, { ...init, signal }));
      if (signal.aborted) await response.body?.cancel(); // it came too late
      return await read(response);
    });
  } catch (cause) {
    if (request.signal?.aborted) throw request.signal.reason;
    const { operation, bucket, key } = request;
    const details = { cause, operation, bucket, key, attempts: context.attempts };
    if (deadline.signal.aborted) {
      throw new TimeoutError(`${operation} got no answer within ${Number(limit.toFixed(2))} seconds`, details);
    }
    // fetch has but one class for every failure of the network; what `read` throws on purpose is an error of ours.
    if (!isNetworkFailure(cause)) throw cause;
    const host = new URL(url).host;
    throw new ConnectionError(`${operation} could not reach ${host}: ${innermost(cause).message}`, details);
  } finally {
    clearTimeout(timer);
  }
}

/** Runtimes wrap what the network said, more than once, in errors that say no more than that fetch failed. */
function innermost(error: Error): Error {
  let inner = error;
  for (let depth = 0; depth < 5 && inner.cause instanceof Error; depth++) inner = inner.cause;
  return inner;
}

async function prepare(
  settings: Settings,
  request: S3Request,
  context: ExchangeContext,
): Promise<{ url: string; init: RequestInit }> {
  const address = bucketAddress(settings, context.region, request.bucket);
  const query = Object.entries(request.query ?? {})
    .filter((pair): pair is [string, string] => pair[1] !== undefined);
  const path = `${address.origin}${address.path}${encodeKey(request.key ?? "")}`;
  const url = query.length === 0 ? path : `${path}?${encodeQuery(query)}`;
  const headers = signRequest({
    method: request.method,
    url,
    headers: definedHeaders(request.headers),
    payloadHash: await payloadHash(request.body, address.origin.startsWith("https:")),
    credentials: context.credentials,
    region: context.region,
    service: "s3",
    date: context.date,
  });
  // Deno sends an empty Blob without a length, which S3 refuses.
  const body = bodySize(request) === 0 && request.body !== undefined ? new Uint8Array(0) : request.body ?? null;
  // S3 answers redirects that must be signed anew; fetch would follow them with the old signature.
  return { url, init: { method: request.method, headers, body, redirect: "manual" } };
}

/** TLS already protects a body on its way; without it the signature has to, as far as the body can be hashed in memory. */
async function payloadHash(body: S3Request["body"], secure: boolean): Promise<string> {
  if (body === undefined) return EMPTY_PAYLOAD_HASH;
  if (secure || body instanceof Blob) return UNSIGNED_PAYLOAD;
  return encodeHex(await sha256(body));
}

function bodySize({ body }: S3Request): number {
  return body === undefined ? 0 : body instanceof Blob ? body.size : body.byteLength;
}

/** What runtimes throw when the network fails: TypeError, except for Bun and workerd, which throw plain errors. */
function isNetworkFailure(error: unknown): error is Error {
  return error instanceof Error && (error instanceof TypeError || error.constructor === Error || "code" in error) &&
    !(error instanceof StorageError);
}
