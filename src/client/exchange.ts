import type { Credentials } from "../aws/credentials.ts";
import { isPromise } from "../kit/async/is_promise.ts";
import { encodeBase64 } from "../kit/bytes/bytes.ts";
import type { MakeHmacKey } from "../kit/bytes/hmac_key.ts";
import { sha256Hex } from "../runtime/hash/digest.ts";
import { hasHttpCache, userAgent } from "../runtime/detect.ts";
import type { Settings } from "../settings/resolve.ts";
import { encodeKey } from "../signing/encode.ts";
import { UNSIGNED_PAYLOAD } from "../aws/amz_values.ts";
import { signRequest } from "../signing/sign_request.ts";
import { hasCustomerKey } from "./customer_key.ts";
import { underDeadline } from "./deadline.ts";
import type { Connections } from "./connections.ts";
import type { AttemptLimits, SentBody } from "./flow/sent_body.ts";
import type { BucketAddress } from "./endpoint.ts";
import { bodySize, definedHeaders, encodedQuery, MIN_BYTES_PER_SECOND, type S3Request } from "./request.ts";

/** The SHA-256 of an empty body. */
const EMPTY_PAYLOAD_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Larger bodies are watched while they are sent: how long that takes depends on what else is being sent. */
const WATCHED_BYTES = 16 * 1024;

/** What may differ between two attempts at a request. */
export interface ExchangeContext {
  readonly credentials: Credentials;
  readonly address: BucketAddress;
  readonly date: Date;
  readonly hmacKey: MakeHmacKey | undefined;
  readonly connections: Connections;
  /** Sends the request. */
  readonly send: (url: string, init: RequestInit, sent?: SentBody) => Promise<Response>;
  /** The number of this attempt, from 1 on. */
  readonly attempts: number;
  /** When the first attempt began, on the clock of `performance.now`. */
  readonly startedAt: number;
}

/** A response whose body may not have arrived yet. */
export interface ReceivedResponse {
  readonly response: Response;
  /** The host that sent it. */
  readonly host: string;
  /** Aborts the request at any stage. */
  readonly stop: AbortController;
  /** The headers that were sent, with secrets that errors must not show even if the response repeats them. */
  readonly sent: Readonly<Record<string, string>>;
  /** What they were signed with. */
  readonly credentials: Credentials;
}

/**
 * Sends a request once.
 *
 * @param read Reads the response, under the same deadline. A body that it does not read has no deadline.
 * @throws {TimeoutError} If no response arrived in time.
 * @throws {ConnectionError} If the network failed, also while the response was read.
 */
export async function exchange<T>(
  settings: Settings,
  request: S3Request,
  context: ExchangeContext,
  read: (received: ReceivedResponse) => T | Promise<T>,
): Promise<T> {
  const { address: { origin, path }, connections } = context;
  const query = encodedQuery(request.query);
  const url = origin + path + encodeKey(request.key ?? "") + (query && `?${query}`);
  let requestHeaders = definedHeaders(request.headers);
  if (hasCustomerKey(requestHeaders)) {
    const { withKeyDigests } = await import("./customer_key_digests.ts"); // loaded on demand: few requests have a key
    requestHeaders = withKeyDigests(requestHeaders, origin);
  }
  // Awaits only real promises: a microtask costs more than signing.
  const signing = signed(settings, request, requestHeaders, context, url);
  const headers = isPromise(signing) ? await signing : signing;
  const size = bodySize(request);
  // Deno sends an empty Blob without a length, which S3 rejects.
  const body = size === 0 && request.body !== undefined ? new Uint8Array(0) : request.body ?? null;
  const { callTimeout, userAgentSuffix } = settings.clientConfig;
  // Not signed, as gateways may change them.
  Object.assign(headers, request.unsigned);
  if (userAgentSuffix !== "") headers["user-agent"] = `${userAgent()} ${userAgentSuffix}`;
  const limits = limitsOf(settings, request, context);
  const stop = new AbortController();
  const { signal } = stop;
  // Loaded on demand: the client's own time counts for small bodies only. A Blob of our own class needs it too.
  const isWatched = body !== null &&
    (size >= WATCHED_BYTES || connections.bandwidth !== undefined || (body instanceof Blob && "whole" in body));
  const sent = isWatched
    ? await (await import("./flow/sent_body.ts")).watchBody(connections, body, settings, limits, signal, request)
    : undefined;
  // Redirects of S3 need a new signature; fetch would follow them with the old one.
  const init: RequestInit = { method: request.method, redirect: "manual", headers, body: sent?.body ?? body, signal };
  // Answers of a cache are those of earlier requests; and Chromium asks for the rest of a range in place of the signed one.
  // Only for requests that read: browsers add `Cache-Control: no-cache`, which S3 would store with an object.
  if (/GET|HEAD/.test(request.method) && hasHttpCache()) init.cache = "no-store";
  const step = {
    request,
    host: origin.slice(origin.indexOf("//") + 2),
    isPlain: !origin.startsWith("https:"),
    seconds: sent?.secondsLeft() ?? Math.min(limits.idle, limits.total) + size / MIN_BYTES_PER_SECOND,
    total: limits.total < limits.idle ? callTimeout : undefined,
    attempts: context.attempts,
    secondsLeft: sent?.secondsLeft,
  };
  const receive = (response: Response): T | Promise<T> =>
    signal.aborted
      ? response.body?.cancel() as Promise<never> // it came too late, and its result is not used
      : read({ response, host: step.host, stop, sent: headers, credentials: context.credentials });
  const exchanging = underDeadline(step, stop, () => context.send(url, init, sent).then(receive));
  return await (sent === undefined ? exchanging : exchanging.finally(sent.end));
}

/** The headers of a request with its signature. */
function signed(
  settings: Settings,
  request: S3Request,
  headers: Record<string, string>,
  context: ExchangeContext,
  url: string,
): Record<string, string> | Promise<Record<string, string>> {
  const isSecure = url.startsWith("https:");
  if (settings.signatureVersion === "s3") return signedV2(request, headers, context, isSecure);
  const { credentials, date, hmacKey, address: { region, service } } = context;
  const { method } = request;
  const sign = (payloadHash: string): Record<string, string> =>
    signRequest({ method, url, headers, payloadHash, credentials, date, region, service, hmacKey });
  const hash = hashOf(request, settings.payloadSigningEnabled ?? !isSecure);
  return typeof hash === "string" ? sign(hash) : hash.then(sign);
}

/** Signs with version 2. Loaded on demand: few services need it. */
async function signedV2(
  request: S3Request,
  headers: Record<string, string>,
  context: ExchangeContext,
  isSecure: boolean,
): Promise<Record<string, string>> {
  const { body, signal } = request;
  // Signed in place of the hash.
  const contentMd5 = isSecure || body === undefined
    ? undefined
    : encodeBase64(await (await loadChecksums()).contentDigest(body, signal));
  const { signV2 } = await import("../signing/sign_request_v2.ts");
  return signV2(request, { ...context, headers, contentMd5 });
}

/** The time limits of an attempt in seconds: of a server that is silent, and what is left of the whole call. */
function limitsOf(
  { clientConfig }: Settings,
  { timeoutFactor = 1 }: S3Request,
  context: ExchangeContext,
): AttemptLimits {
  const elapsed = context.attempts === 1 ? 0 : (performance.now() - context.startedAt) / 1000;
  return { idle: clientConfig.timeout * timeoutFactor, total: clientConfig.callTimeout - elapsed };
}

/** The SHA-256 of a body, by which the service verifies it where TLS does not protect it. A Blob is read chunk by chunk. */
function hashOf({ body, signal }: S3Request, isSigned: boolean): string | Promise<string> {
  if (body === undefined) return EMPTY_PAYLOAD_HASH;
  if (!isSigned) return UNSIGNED_PAYLOAD;
  return body instanceof Blob
    ? loadChecksums().then(({ blobSha256Hex }) => blobSha256Hex(body, signal))
    : sha256Hex(body);
}

/** Loaded on demand: bytes need only one of the runtime's functions. */
const loadChecksums = (): Promise<typeof import("../runtime/hash/checksum.ts")> =>
  import("../runtime/hash/checksum.ts");
