import { AwsV4Signer } from "aws4fetch";
import { amzDate } from "../../aws/amz_values.ts";
import { checkCredentials, type CredentialProvider, type Credentials } from "../../aws/credentials.ts";
import { ConnectionError, isStorageError, ServiceError, TimeoutError } from "../../errors.ts";
import { abortWith } from "../../kit/async/on_abort.ts";
import { fullJitter, sleep } from "../../kit/async/backoff.ts";
import { timerDelay } from "../../kit/async/timer_delay.ts";
import { foreignText } from "../../kit/text/foreign_text.ts";
import { innermost } from "../../kit/async/innermost.ts";
import { checkTime, invalidArgument, invalidNumber, type NoneMissing } from "../../kit/values/argument.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import { childText, escapeXml, tryParseXml } from "../../kit/text/xml.ts";
import { toStorageError } from "./failure.ts";

/** The endpoint of CloudFront's control plane, which is in us-east-1 for all distributions. */
const ENDPOINT = "https://cloudfront.amazonaws.com/2020-05-31/distribution";

/** Bounds of the random waits between attempts, in milliseconds. */
const FIRST_WAIT = 200;
const MAX_WAIT = 5000;

/** The most bytes of a response in addition to the document that it repeats. */
const MAX_EXTRA_BYTES = 64 * 1024;

/** The most bytes for each character of the document, which may come back as an entity such as `&quot;`. */
const MAX_GROWTH = 6;

const NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

/**
 * The distribution, the paths and the credentials of an invalidation.
 *
 * @example
 * ```ts
 * import type { InvalidationOptions } from "@storages/s3/cloudfront/invalidation";
 * import { assertEquals } from "@std/assert";
 *
 * const options: InvalidationOptions = {
 *   distributionId: "EDFDVBD6EXAMPLE",
 *   paths: ["/images/*"],
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
 * };
 * assertEquals(options.paths.length, 1);
 * ```
 */
export interface InvalidationOptions {
  /** The id of the distribution, such as `"EDFDVBD6EXAMPLE"`. */
  readonly distributionId: string;
  /**
   * Paths as in URLs, percent-encoded, each with a leading slash. A `*` at the end matches all paths with that prefix.
   * This function encodes non-ASCII characters and the unsafe ones of RFC 1738. To convert names with arbitrary
   * characters to paths, use {@linkcode invalidationPath}.
   *
   * CloudFront accepts up to 3,000 paths of up to 4,000 characters, and up to 15 paths with a `*` in progress at the same time.
   */
  readonly paths: readonly string[];
  /** The credentials, which need the permission `cloudfront:CreateInvalidation`. */
  readonly credentials: Credentials | CredentialProvider;
  /**
   * The id of this request. CloudFront responds to a second request with the same reference and paths with the same
   * invalidation, so a request may be repeated after an error. It refuses the same reference with other paths.
   * @default {crypto.randomUUID()}
   */
  readonly callerReference?: string | undefined;
  /**
   * The most attempts if CloudFront cannot be reached, throttles the request or has an internal error. All attempts
   * have the same `callerReference`, so a lost response causes no second invalidation.
   * @default {3}
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Seconds without a response after which an attempt is aborted.
   * @default {30}
   */
  readonly timeoutSeconds?: number | undefined;
  /** Sends the request, instead of the runtime's `fetch`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Aborts the request and the waits between attempts. */
  readonly signal?: AbortSignal | undefined;
  /** Returns the current time, for the signature. */
  readonly now?: (() => Date) | undefined;
}

const NAMES = [
  "distributionId",
  "paths",
  "credentials",
  "callerReference",
  "maxAttempts",
  "timeoutSeconds",
  "fetch",
  "signal",
  "now",
] as const satisfies readonly (keyof InvalidationOptions)[];
type _Names = NoneMissing<Exclude<keyof InvalidationOptions, typeof NAMES[number]>>;

/**
 * An invalidation that CloudFront has started.
 *
 * @example
 * ```ts
 * import type { Invalidation } from "@storages/s3/cloudfront/invalidation";
 * import { assertEquals } from "@std/assert";
 *
 * const invalidation: Invalidation = { id: "I2J0I21PCUYOIK", status: "InProgress", callerReference: "release-7" };
 * assertEquals(invalidation.status, "InProgress");
 * ```
 */
export interface Invalidation {
  /** The id of the invalidation. */
  readonly id: string;
  /** The state: `"InProgress"` or `"Completed"`. */
  readonly status: string;
  /** The id of the request: see {@linkcode InvalidationOptions.callerReference}. */
  readonly callerReference: string;
}

/**
 * Removes files from the caches of CloudFront, so that viewers get the new ones. This takes seconds or minutes to
 * complete.
 *
 * The request is retried with the same `callerReference` after a lost connection, a timeout, throttling and an internal
 * error of CloudFront. Too many invalidations in progress are an error without retries, as they take minutes. After any
 * error, the call may be repeated with the same `callerReference` and paths: CloudFront does not start a second
 * invalidation.
 *
 * AWS: "CreateInvalidation", in the CloudFront API Reference.
 *
 * @param options The distribution, the paths and the credentials.
 * @returns The invalidation, usually still in progress.
 * @throws {TypeError} If the id of the distribution or a path is malformed, an option is unknown or of the wrong type,
 * or the credentials cannot be sent.
 * @throws {RangeError} If `maxAttempts` or `timeoutSeconds` is out of range.
 * @throws {StorageError} If CloudFront cannot be reached or refuses: `PermissionDeniedError`, `NotFoundError`
 * (no such distribution), `ThrottledError` (too many in progress), `TimeoutError`, …
 *
 * @example
 * ```ts
 * import { createInvalidation } from "@storages/s3/cloudfront/invalidation";
 * import { assertEquals } from "@std/assert";
 *
 * const { id } = await createInvalidation({
 *   distributionId: "EDFDVBD6EXAMPLE",
 *   paths: ["/index.html"],
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
 *   // Leave this out to send the request to CloudFront.
 *   fetch: () => Promise.resolve(
 *     new Response("<Invalidation><Id>I2J0I21PCUYOIK</Id><Status>InProgress</Status></Invalidation>", { status: 201 }),
 *   ),
 * });
 * assertEquals(id, "I2J0I21PCUYOIK");
 * ```
 */
export async function createInvalidation(options: InvalidationOptions): Promise<Invalidation> {
  const action = `create invalidation${options?.distributionId ? ` for '${options.distributionId}'` : ""}`;
  checkOptions(action, options, NAMES);
  checkKinds(action, options);
  const { callerReference = crypto.randomUUID(), maxAttempts = 3, timeoutSeconds = 30, signal } = options;
  if (!isInteger(maxAttempts, 1)) throw invalidNumber(action, "maxAttempts", "an integer of 1 or more", maxAttempts);
  if (!(typeof timeoutSeconds === "number" && timeoutSeconds > 0)) {
    throw invalidNumber(action, "timeoutSeconds", "more than 0", timeoutSeconds);
  }
  const document = batchDocument(action, options.paths, callerReference);
  for (let attempt = 1;; attempt++) {
    try {
      return { ...await send(action, options, document, timeoutSeconds), callerReference };
    } catch (error) {
      if (attempt >= maxAttempts || signal?.aborted || !isTransient(error)) throw error;
      await sleep(fullJitter(attempt - 1, FIRST_WAIT, MAX_WAIT), signal);
    }
  }
}

/** @throws {TypeError} If an option that is not a number is of the wrong type. */
function checkKinds(action: string, options: InvalidationOptions): void {
  const { distributionId, paths, credentials, callerReference, fetch, signal, now } = options;
  const check = (isRight: boolean, name: string, right: string, value: unknown): void => {
    if (!isRight) throw invalidArgument(action, name, right, value);
  };
  const isId = typeof distributionId === "string" && /^\w+$/.test(distributionId);
  check(isId, "distributionId", "letters and digits", distributionId);
  check(Array.isArray(paths), "paths", "an array of texts", paths);
  if (typeof credentials !== "function") checkCredentials(credentials, action);
  check(!callerReference || typeof callerReference === "string", "callerReference", "text", callerReference);
  for (const [name, value] of Object.entries({ fetch, now })) {
    check(value === undefined || typeof value === "function", name, "a function", value);
  }
  check(signal === undefined || typeof signal?.aborted === "boolean", "signal", "an AbortSignal", signal);
}

/** Whether the same request may succeed later. */
function isTransient(error: unknown): boolean {
  if (!isStorageError(error)) return false;
  if (/^(Connection|Timeout)$/.test(error.code)) return true;
  if (error.code === "Throttled") return error.s3Code !== "TooManyInvalidationsInProgress";
  return (error.status ?? 0) >= 500;
}

/** Sends the request once. */
async function send(
  action: string,
  options: InvalidationOptions,
  batch: string,
  timeoutSeconds: number,
): Promise<Omit<Invalidation, "callerReference">> {
  const { fetch = globalThis.fetch, distributionId, signal } = options;
  const timeout = new AbortController();
  const operation = "CreateInvalidation";
  const [request, secrets] = await signedRequest(action, options, batch, timeout.signal);
  const maxBytes = batch.length * MAX_GROWTH + MAX_EXTRA_BYTES;
  const tooLong = (): Error => {
    return new ServiceError(`Invalid response to ${operation}: longer than ${maxBytes} bytes`, { operation });
  };
  const unlink = abortWith(timeout, signal);
  const timer = setTimeout(() => timeout.abort(), timerDelay(timeoutSeconds * 1000));
  try {
    const [response, text] = await unlessAborted(timeout.signal, async () => {
      const response = await fetch(request);
      const { body } = response;
      const bytes = body === null ? undefined : await readLimited(body, maxBytes, tooLong);
      return [response, new TextDecoder().decode(bytes)] as const;
    }).catch((cause) => {
      signal?.throwIfAborted();
      if (isStorageError(cause, "Service")) throw cause;
      if (timeout.signal.aborted) {
        throw new TimeoutError(`${operation} failed: no response within ${timeoutSeconds} s`, { cause, operation });
      }
      if (cause instanceof Error) innermost(cause);
      throw new ConnectionError(`${operation} failed: cannot reach CloudFront`, { cause, operation });
    });
    if (!response.ok) throw toStorageError(response, text, distributionId, secrets);
    const document = tryParseXml(text);
    const [id, status] = ["Id", "Status"].map((name) => document && foreignText(childText(document, name) ?? ""));
    if (id && status) return { id, status };
    throw new ServiceError(`Invalid response to ${operation}: missing Id or Status`, {
      operation,
      status: response.status,
      response,
    });
  } finally {
    clearTimeout(timer);
    unlink();
  }
}

/** Returns the signed request, and its secrets, which no error may show. */
async function signedRequest(
  action: string,
  options: InvalidationOptions,
  body: string,
  signal: AbortSignal,
): Promise<[request: Request, secrets: (string | undefined)[]]> {
  const { distributionId, credentials, now = () => new Date() } = options;
  const date = now();
  checkTime(action, "now", "a function that returns a valid Date", date);
  const { accessKeyId, secretAccessKey, sessionToken } = checkCredentials(
    typeof credentials === "function" ? await credentials() : credentials,
    action,
  );
  const signer = new AwsV4Signer({
    method: "POST",
    url: `${ENDPOINT}/${distributionId}/invalidation`,
    headers: { "content-type": "application/xml" },
    body,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    service: "cloudfront",
    region: "us-east-1",
    datetime: amzDate(date),
  });
  const { url, method, headers } = await signer.sign();
  // Following a redirect would send the session token and the body to another host.
  const request = new Request(url, { method, headers, body, signal, redirect: "manual" });
  return [request, [headers.get("authorization") ?? undefined, secretAccessKey, sessionToken, accessKeyId]];
}

function batchDocument(action: string, paths: readonly string[], callerReference: string): string {
  const unique = [...new Set(paths.map((path) => checkedPath(action, path)))];
  if (unique.length === 0) throw new TypeError(`Cannot ${action}: paths must not be empty`);
  const items = unique.map((path) => `<Path>${escapeXml(path)}</Path>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="${NAMESPACE}">` +
    `<Paths><Quantity>${unique.length}</Quantity><Items>${items}</Items></Paths>` +
    `<CallerReference>${escapeXml(callerReference)}</CallerReference></InvalidationBatch>`;
}

/** Characters that CloudFront refuses unencoded: non-ASCII ones, and the unsafe ones of RFC 1738 except % and #. */
const UNSAFE = /[^!-~]|[<>"{}|\\^~[\]`]/gu;

/** Encodes a path for CloudFront. Control characters are refused instead, as not all of them can be in XML. */
function checkedPath(action: string, path: string): string {
  const isControl = [...String(path)].some((character) => character < " " || character === "\x7f");
  if (typeof path !== "string" || !/^\/[^*]*\*?$/.test(path) || isControl || !path.isWellFormed()) {
    throw invalidArgument(action, "each path", "text that begins with a slash, with * only at its end", path);
  }
  return path.replace(UNSAFE, (character) => character === "~" ? "%7E" : encodeURIComponent(character));
}
