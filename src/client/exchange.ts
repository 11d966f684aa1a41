import type { Credentials } from "../aws/credentials.ts";
import { anySignal } from "../kit/async/any_signal.ts";
import { encodeBase64 } from "../kit/bytes/bytes.ts";
import type { MakeHmacKey } from "../kit/bytes/hmac_key.ts";
import { md5, sha256Hex } from "../runtime/hash/digest.ts";
import { bodyToSend } from "../runtime/transport/fetch_body.ts";
import type { Settings } from "../settings/resolve.ts";
import { encodeKey } from "../signing/encode.ts";
import { UNSIGNED_PAYLOAD } from "../aws/amz_values.ts";
import { signRequest } from "../signing/sign_request.ts";
import { hasCustomerKey, withKeyDigests } from "./customer_key.ts";
import { underDeadline } from "./deadline.ts";
import type { BucketAddress } from "./endpoint.ts";
import { definedHeaders, encodedQuery, type S3Request } from "./request.ts";

/** SHA-256 of nothing. */
const EMPTY_PAYLOAD_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** A body is given this much time on top of the timeout: whoever is slower than that has no usable connection. */
const SLOWEST_BYTES_PER_SECOND = 64 * 1024;

/** What may differ between two tries of one request. */
export interface ExchangeContext {
  readonly credentials: Credentials;
  readonly address: BucketAddress;
  readonly date: Date;
  readonly hmacKey: MakeHmacKey | undefined;
  /** What sends it. */
  readonly send: (url: string, init: RequestInit) => Promise<Response>;
  /** Which try it is, from 1 on. */
  readonly attempts: number;
}

/** An answer, while its body may still be on its way. */
export interface Answer {
  readonly response: Response;
  /** Who sent it. */
  readonly host: string;
  /** Ends the request, wherever it is. */
  readonly stop: AbortController;
  /** What was sent that no error may show, though the answer repeats it. */
  readonly secrets: () => readonly string[];
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
  read: (answer: Answer) => T | Promise<T>,
): Promise<T> {
  const { origin, path } = context.address;
  const query = encodedQuery(request.query);
  const plain = `${origin}${path}${encodeKey(request.key ?? "")}`;
  const url = query === "" ? plain : `${plain}?${query}`;
  // What need not be waited for is not: that takes longer than to sign.
  let given = definedHeaders(request.headers);
  if (hasCustomerKey(given)) given = await withKeyDigests(given, origin);
  const isSecure = origin.startsWith("https:");
  let headers: Record<string, string>;
  if (settings.signatureVersion === "s3") {
    const { method, bucket, key = "" } = request;
    const contentMd5 = isSecure ? undefined : await bodyMd5(request.body);
    // Loaded on demand: few services know nothing newer.
    const { signRequestV2 } = await import("../signing/sign_request_v2.ts");
    headers = signRequestV2({
      ...context,
      method,
      bucket,
      key,
      query: queryPairs(request.query),
      headers: given,
      contentMd5,
    });
  } else {
    const { credentials, date, hmacKey, address: { region, service } } = context;
    const hash = hashOf(request.body, settings.payloadSigningEnabled, isSecure);
    const payloadHash = typeof hash === "string" ? hash : await hash;
    const { method } = request;
    headers = signRequest({ method, url, headers: given, payloadHash, credentials, date, region, service, hmacKey });
  }
  const size = bodySize(request);
  // Deno sends an empty Blob without a length, which S3 refuses.
  const body = size === 0 && request.body !== undefined ? new Uint8Array(0) : request.body ?? null;
  const host = origin.slice(origin.indexOf("//") + 2);
  const seconds = settings.clientConfig.timeout * (request.timeoutFactor ?? 1) + size / SLOWEST_BYTES_PER_SECOND;
  const stop = new AbortController();
  const signal = anySignal(request.signal, stop.signal);
  // S3 answers redirects that must be signed anew; fetch would follow them with the old signature.
  const init: RequestInit = { method: request.method, redirect: "manual", headers, body: bodyToSend(body), signal };
  return await underDeadline({ request, host, seconds, attempts: context.attempts }, stop, async () => {
    const response = await context.send(url, init);
    if (signal.aborted) await response.body?.cancel(); // it came too late
    return await read({ response, host, stop, secrets: () => secretsOf(headers, context.credentials) });
  });
}

/** The values of headers that prove who asks, or decrypt an object. */
function secretsOf(headers: Record<string, string>, credentials: Credentials): string[] {
  const sent = Object.entries(headers).filter(([name]) => /authorization|token|-key$/i.test(name));
  const signature = headers.authorization?.split(/Signature=|:/).at(-1); // also where it is repeated alone
  return [...sent.map(([, value]) => value), credentials.secretAccessKey, credentials.accessKeyId, signature ?? ""];
}

function queryPairs(query: S3Request["query"]): [string, string][] {
  return Object.entries(query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
}

/** TLS already protects a body on its way; without it the signature has to, as far as the body is in memory. */
function hashOf(body: S3Request["body"], isSigned: boolean | undefined, isSecure: boolean): string | Promise<string> {
  if (body === undefined) return EMPTY_PAYLOAD_HASH;
  if (!(isSigned ?? !(isSecure || body instanceof Blob))) return UNSIGNED_PAYLOAD;
  return body instanceof Blob ? body.arrayBuffer().then((bytes) => sha256Hex(new Uint8Array(bytes))) : sha256Hex(body);
}

/** What takes the hash's place in version 2. */
async function bodyMd5(body: S3Request["body"]): Promise<string | undefined> {
  const digest = body === undefined || body instanceof Blob ? undefined : await md5(body);
  return digest && encodeBase64(digest);
}

function bodySize({ body }: S3Request): number {
  return body === undefined ? 0 : body instanceof Blob ? body.size : body.byteLength;
}
