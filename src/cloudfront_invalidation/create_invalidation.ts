import { AwsV4Signer } from "aws4fetch";
import type { CredentialProvider, Credentials } from "../credentials/provider.ts";
import { ConnectionError, ServiceError } from "../errors.ts";
import { childText, escapeXml, parseXml } from "../kit/xml.ts";
import { toStorageError } from "./failure.ts";

/** The one endpoint of CloudFront's control plane, which is in us-east-1 wherever the files are. */
const ENDPOINT = "https://cloudfront.amazonaws.com/2020-05-31/distribution";
const NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

/**
 * What to invalidate, and as whom.
 *
 * @example
 * ```ts
 * import type { InvalidationOptions } from "@storages/s3/cloudfront_invalidation";
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
   * begins so. Spaces and characters beyond ASCII may be left for this function to encode.
   */
  readonly paths: readonly string[];
  /** Who asks: it takes the permission `cloudfront:CreateInvalidation`. */
  readonly credentials: Credentials | CredentialProvider;
  /**
   * Names this request: CloudFront answers a second one of the same name and paths with the first one's invalidation, so a
   * request may be repeated after an error.
   * @default {crypto.randomUUID()}
   */
  readonly callerReference?: string | undefined;
  /** What sends the request. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined;
  /** The clock that the request is signed by. */
  readonly now?: (() => Date) | undefined;
}

/**
 * An invalidation that CloudFront has begun.
 *
 * @example
 * ```ts
 * import type { Invalidation } from "@storages/s3/cloudfront_invalidation";
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
 * The request is sent once; an error may be answered by calling again with the same `callerReference`.
 *
 * AWS: "CreateInvalidation", in the CloudFront API Reference.
 *
 * @param options What, and as whom.
 * @returns The invalidation, most likely still in progress.
 * @throws {TypeError} If the distribution's id or a path is malformed.
 * @throws {StorageError} If CloudFront cannot be reached or refuses, by its meaning: `PermissionDeniedError`, `NotFoundError`
 * (no such distribution), `ThrottledError` (too many in progress), …
 *
 * @example
 * ```ts
 * import { createInvalidation } from "@storages/s3/cloudfront_invalidation";
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
  const { callerReference = crypto.randomUUID(), signal, fetch: send = globalThis.fetch } = options;
  const request = await signedRequest(options, batchDocument(options.paths, callerReference));
  let response: Response, text: string;
  try {
    response = await send(request);
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ConnectionError("CreateInvalidation failed: CloudFront cannot be reached", {
      cause,
      operation: "CreateInvalidation",
    });
  }
  if (!response.ok) throw toStorageError(response, text, options.distributionId);
  const { id, status } = readInvalidation(text);
  if (id === undefined || status === undefined) {
    throw new ServiceError("CreateInvalidation gave an answer that is no Invalidation", {
      operation: "CreateInvalidation",
      status: response.status,
      response,
    });
  }
  return { id, status, callerReference };
}

async function signedRequest(options: InvalidationOptions, body: string): Promise<Request> {
  const { distributionId, credentials, now = () => new Date(), signal } = options;
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
    datetime: now().toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  const { url, method, headers } = await signer.sign();
  return new Request(url, { method, headers, body, ...(signal === undefined ? {} : { signal }) });
}

function batchDocument(paths: readonly string[], callerReference: string): string {
  const unique = [...new Set(paths.map(checkedPath))];
  if (unique.length === 0) throw new TypeError("Cannot invalidate, as there are no paths");
  const items = unique.map((path) => `<Path>${escapeXml(path)}</Path>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="${NAMESPACE}">` +
    `<Paths><Quantity>${unique.length}</Quantity><Items>${items}</Items></Paths>` +
    `<CallerReference>${escapeXml(callerReference)}</CallerReference></InvalidationBatch>`;
}

/** The path as CloudFront wants it. Bare control characters are no slip to be mended, and not all can be in XML. */
function checkedPath(path: string): string {
  const isControl = [...path].some((character) => character < " " || character === "\x7f");
  if (!/^\/[^*]*\*?$/.test(path) || isControl || !path.isWellFormed()) {
    throw new TypeError(
      `Cannot invalidate ${JSON.stringify(path)}, as a path begins with a slash and has a * at its end only`,
    );
  }
  return path.replace(/[^!-~]/gu, encodeURIComponent);
}

function readInvalidation(text: string): { id?: string | undefined; status?: string | undefined } {
  try {
    const document = parseXml(text);
    return { id: childText(document, "Id"), status: childText(document, "Status") };
  } catch {
    return {};
  }
}
