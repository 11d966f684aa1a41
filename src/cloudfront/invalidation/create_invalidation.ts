import { AwsV4Signer } from "aws4fetch";
import { amzDate } from "../../aws/amz_values.ts";
import type { CredentialProvider, Credentials } from "../../aws/credentials.ts";
import { ConnectionError, isStorageError, ServiceError, TimeoutError } from "../../errors.ts";
import { anySignal } from "../../kit/async/any_signal.ts";
import { fullJitter, sleep } from "../../kit/async/backoff.ts";
import { foreignText } from "../../kit/text/printable.ts";
import { innermost } from "../../kit/async/innermost.ts";
import { checkInteger } from "../../kit/values/integer.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import { childText, escapeXml, parseXml } from "../../kit/text/xml.ts";
import { toStorageError } from "./failure.ts";

/** The one endpoint of CloudFront's control plane, which is in us-east-1 wherever the files are. */
const ENDPOINT = "https://cloudfront.amazonaws.com/2020-05-31/distribution";

/** Bounds of the random waits between attempts, in milliseconds. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 5000;

/** The longest delay that timers take, in milliseconds: 24 days. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** What an answer may be longer than the document that it repeats, in bytes. */
const MAX_MORE_BYTES = 64 * 1024;

/** A character may come back as an entity, the longest of which is `&quot;`. */
const MAX_GROWTH = 6;

const NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

/**
 * What to invalidate, and as whom.
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
   * Paths as they are in URLs, percent-encoded, each with a slash at its beginning; a `*` at the end stands for all that
   * begins so. Characters beyond ASCII and the unsafe ones of RFC 1738 may be left for this function to encode. To make
   * paths of names that may hold any character, use {@linkcode invalidationPath}.
   *
   * CloudFront takes up to 3,000 paths of up to 4,000 characters, and has up to 15 with a `*` in progress at once.
   */
  readonly paths: readonly string[];
  /** Who asks: it takes the permission `cloudfront:CreateInvalidation`. */
  readonly credentials: Credentials | CredentialProvider;
  /**
   * Names this request: CloudFront answers a second one of the same name and paths with the first one's invalidation, so a
   * request may be repeated after an error. With other paths it refuses the same name.
   * @default {crypto.randomUUID()}
   */
  readonly callerReference?: string | undefined;
  /**
   * How often the request is sent at most, while CloudFront cannot be reached, throttles it or fails itself. All attempts
   * have the same `callerReference`, so that one whose answer was lost begins no second invalidation.
   * @default {3}
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Seconds until an attempt without an answer is aborted.
   * @default {30}
   */
  readonly timeoutSeconds?: number | undefined;
  /** What sends the request. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Ends the request, and the waits between attempts. */
  readonly signal?: AbortSignal | undefined;
  /** The clock that the request is signed by. */
  readonly now?: (() => Date) | undefined;
}

/**
 * An invalidation that CloudFront has begun.
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
  /** Its id. */
  readonly id: string;
  /** `"InProgress"`, or `"Completed"`. */
  readonly status: string;
  /** The name of the request: see {@linkcode InvalidationOptions.callerReference}. */
  readonly callerReference: string;
}

/**
 * Makes CloudFront forget cached files, so that viewers get the new ones. It is done some seconds or minutes later.
 *
 * The request is sent again after a lost connection, a timeout, throttling and a failure of CloudFront's own, under the same
 * `callerReference`. Too many invalidations in progress are an error at once, since they take minutes. After any error the
 * call may be repeated with the same `callerReference` and paths: CloudFront does not begin a second invalidation.
 *
 * AWS: "CreateInvalidation", in the CloudFront API Reference.
 *
 * @param options What, and as whom.
 * @returns The invalidation, most likely still in progress.
 * @throws {TypeError} If the distribution's id or a path is malformed.
 * @throws {RangeError} If `maxAttempts` or `timeoutSeconds` is out of range.
 * @throws {StorageError} If CloudFront cannot be reached or refuses, by its meaning: `PermissionDeniedError`, `NotFoundError`
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
 *   // Leave this out to ask CloudFront.
 *   fetch: () => Promise.resolve(
 *     new Response("<Invalidation><Id>I2J0I21PCUYOIK</Id><Status>InProgress</Status></Invalidation>", { status: 201 }),
 *   ),
 * });
 * assertEquals(id, "I2J0I21PCUYOIK");
 * ```
 */
export async function createInvalidation(options: InvalidationOptions): Promise<Invalidation> {
  const { callerReference = crypto.randomUUID(), maxAttempts = 3, timeoutSeconds = 30, signal } = options;
  checkInteger("maxAttempts", maxAttempts, 1);
  if (!(timeoutSeconds > 0)) throw new RangeError(`timeoutSeconds must be more than 0, got ${timeoutSeconds}`);
  const document = batchDocument(options.paths, callerReference);
  for (let attempt = 1;; attempt++) {
    try {
      return { ...await send(options, document, timeoutSeconds), callerReference };
    } catch (error) {
      if (attempt >= maxAttempts || signal?.aborted || !isTransient(error)) throw error;
      await sleep(fullJitter(attempt - 1, FIRST_WAIT, LONGEST_WAIT), signal);
    }
  }
}

/** Whether the same request may succeed a moment later. */
function isTransient(error: unknown): boolean {
  if (!isStorageError(error)) return false;
  if (error.code === "Connection" || error.code === "Timeout") return true;
  if (error.code === "Throttled") return error.s3Code !== "TooManyInvalidationsInProgress";
  return (error.status ?? 0) >= 500;
}

/** Sends the request once. */
async function send(
  options: InvalidationOptions,
  document: string,
  timeoutSeconds: number,
): Promise<Omit<Invalidation, "callerReference">> {
  const { fetch = globalThis.fetch, distributionId, signal } = options;
  const timeout = new AbortController();
  const either = anySignal(signal, timeout.signal);
  const operation = "CreateInvalidation";
  const [request, secrets] = await signedRequest(options, document, either);
  const maxBytes = document.length * MAX_GROWTH + MAX_MORE_BYTES;
  const tooLong = (): Error => {
    return new ServiceError(`Invalid response to ${operation}: longer than ${maxBytes} bytes`, { operation });
  };
  const timer = setTimeout(() => timeout.abort(), Math.min(timeoutSeconds * 1000, LONGEST_TIMEOUT));
  try {
    const [response, text] = await unlessAborted(either, async () => {
      const response = await fetch(request);
      const { body } = response;
      const bytes = body === null ? undefined : await readLimited(body, maxBytes, tooLong);
      return [response, new TextDecoder().decode(bytes)] as const;
    }).catch((cause) => {
      signal?.throwIfAborted();
      if (isStorageError(cause, "Service")) throw cause;
      if (timeout.signal.aborted) {
        throw new TimeoutError(`${operation} failed: CloudFront did not answer within ${timeoutSeconds} seconds`, {
          cause,
          operation,
        });
      }
      if (cause instanceof Error) innermost(cause);
      throw new ConnectionError(`${operation} failed: CloudFront cannot be reached`, { cause, operation });
    });
    if (!response.ok) throw toStorageError(response, text, distributionId, secrets);
    const { id, status } = readInvalidation(text);
    if (id !== undefined && status !== undefined) return { id, status };
    throw new ServiceError(`${operation} gave an answer that is no Invalidation`, {
      operation,
      status: response.status,
      response,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The request, and what in it no error may show. */
async function signedRequest(
  options: InvalidationOptions,
  body: string,
  signal: AbortSignal,
): Promise<[request: Request, secrets: (string | undefined)[]]> {
  const { distributionId, credentials, now = () => new Date() } = options;
  if (!/^\w+$/.test(distributionId)) {
    throw new TypeError(
      `Cannot invalidate, as distributionId must be letters and digits: current value is ${
        JSON.stringify(distributionId)
      }`,
    );
  }
  const { accessKeyId, secretAccessKey, sessionToken } = typeof credentials === "function"
    ? await credentials()
    : credentials;
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
    datetime: amzDate(now()),
  });
  const { url, method, headers } = await signer.sign();
  // A redirect that fetch follows carries the session token and the body to somebody else.
  const request = new Request(url, { method, headers, body, signal, redirect: "manual" });
  return [request, [headers.get("authorization") ?? undefined, secretAccessKey, sessionToken, accessKeyId]];
}

function batchDocument(paths: readonly string[], callerReference: string): string {
  const unique = [...new Set(paths.map(checkedPath))];
  if (unique.length === 0) throw new TypeError("Cannot invalidate, as there are no paths");
  const items = unique.map((path) => `<Path>${escapeXml(path)}</Path>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="${NAMESPACE}">` +
    `<Paths><Quantity>${unique.length}</Quantity><Items>${items}</Items></Paths>` +
    `<CallerReference>${escapeXml(callerReference)}</CallerReference></InvalidationBatch>`;
}

/** What CloudFront refuses as it is: the unsafe characters of RFC 1738 without % and #, and all beyond ASCII. */
const UNSAFE = /[^!-~]|[<>"{}|\\^~[\]`]/gu;

/** The path as CloudFront wants it. Bare control characters are no slip to be mended, and not all can be in XML. */
function checkedPath(path: string): string {
  const isControl = [...path].some((character) => character < " " || character === "\x7f");
  if (!/^\/[^*]*\*?$/.test(path) || isControl || !path.isWellFormed()) {
    throw new TypeError(
      `Cannot invalidate ${JSON.stringify(path)}, as a path begins with a slash and has a * at its end only`,
    );
  }
  return path.replace(UNSAFE, (character) => character === "~" ? "%7E" : encodeURIComponent(character));
}

function readInvalidation(text: string): { id?: string | undefined; status?: string | undefined } {
  try {
    const document = parseXml(text);
    const [id, status] = ["Id", "Status"].map((name) => foreignText(childText(document, name) ?? "") || undefined);
    return { id, status };
  } catch {
    return {};
  }
}
