import type { Credentials } from "../credentials/provider.ts";
import { encodeBase64, encodeHex } from "../kit/bytes.ts";
import { findSyncHash, md5, sha256 } from "../runtime/digest.ts";
import { bodyToSend } from "../runtime/fetch_body.ts";
import type { Settings } from "../settings/resolve.ts";
import { encodeKey, encodeQuery } from "../signing/encode.ts";
import { UNSIGNED_PAYLOAD } from "../signing/amz_values.ts";
import { signRequest } from "../signing/sign_request.ts";
import { signRequestV2 } from "../signing/sign_request_v2.ts";
import { underDeadline } from "./deadline.ts";
import { withKeyDigests } from "./customer_key.ts";
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
  /** What sends it. */
  readonly send: (url: string, init: RequestInit) => Promise<Response>;
  /** Which try it is, from 1 on. */
  readonly attempts: number;
}

/**
 * Sends a request once.
 *
 * @param read Reads the answer, under the same deadline. A body it leaves unread goes on without it.
 * @throws {TimeoutError} If no answer came in time.
 * @throws {ConnectionError} If the network failed, also while the answer was read.
 */
export async function exchange<T>(
  settings: Settings,
  request: S3Request,
  context: ExchangeContext,
  read: (response: Response, host: string) => Promise<T>,
): Promise<T> {
  const { url, init } = await prepare(settings, request, context);
  const { host } = new URL(url);
  const seconds = settings.clientConfig.timeout * (request.patience ?? 1) +
    bodySize(request) / SLOWEST_BYTES_PER_SECOND;
  return await underDeadline({ request, host, seconds, attempts: context.attempts }, async (signal) => {
    const response = await context.send(url, { ...init, signal });
    if (signal.aborted) await response.body?.cancel(); // it came too late
    return await read(response, host);
  });
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
  const { method, bucket, key = "" } = request;
  const { credentials, date } = context;
  const signing = {
    method,
    headers: await withKeyDigests(definedHeaders(request.headers), address.origin),
    credentials,
    date,
  };
  const secure = address.origin.startsWith("https:");
  const headers = settings.signatureVersion === "s3"
    ? signRequestV2({ ...signing, bucket, key, query, contentMd5: secure ? undefined : await bodyMd5(request.body) })
    : await signRequest({
      ...signing,
      url,
      payloadHash: await payloadHash(request.body, secure),
      region: address.region,
      service: address.service,
      hash: findSyncHash(),
    });
  // Deno sends an empty Blob without a length, which S3 refuses.
  const body = bodySize(request) === 0 && request.body !== undefined ? new Uint8Array(0) : request.body ?? null;
  // S3 answers redirects that must be signed anew; fetch would follow them with the old signature.
  return { url, init: { method, redirect: "manual", headers, body: bodyToSend(body) } };
}

/** TLS already protects a body on its way; without it the signature has to, as far as the body can be hashed in memory. */
async function payloadHash(body: S3Request["body"], secure: boolean): Promise<string> {
  if (body === undefined) return EMPTY_PAYLOAD_HASH;
  if (secure || body instanceof Blob) return UNSIGNED_PAYLOAD;
  return encodeHex(await sha256(body));
}

/** What takes the hash's place in version 2. */
async function bodyMd5(body: S3Request["body"]): Promise<string | undefined> {
  const digest = body === undefined || body instanceof Blob ? undefined : await md5(body);
  return digest && encodeBase64(digest);
}

function bodySize({ body }: S3Request): number {
  return body === undefined ? 0 : body instanceof Blob ? body.size : body.byteLength;
}
