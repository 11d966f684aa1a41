import { ConnectionError, type StorageErrorDetails } from "../errors.ts";
import { foreignText } from "../kit/text/printable.ts";
import type { S3Request } from "./request.ts";

/** Headers that only S3 and its look-alikes send, Google Cloud Storage among them. */
const OWN_HEADERS = /^x-(amz|goog|guploader)/;

/** Failures that portals and proxies make up: redirects to a login page, and "Not Found", which would look like no object. */
const FOREIGN_STATUSES: ReadonlySet<number> = new Set([302, 303, 307, 404]);

/**
 * Whether a captive portal or a proxy has sent a successful response in place of the service.
 *
 * S3 and all its look-alikes send `ETag` or `Last-Modified` with an object. Other responses have a header of their own, no body,
 * or a document; only those with neither `ETag` nor `Last-Modified` are to be passed to this function.
 */
export async function isForeign(response: Response, { operation, method }: S3Request): Promise<boolean> {
  if (isNamed(response.headers)) return false;
  if (operation === "GetObject" || operation === "HeadObject") return true;
  if (method === "HEAD") return isPage(response) && announcesBytes(response);
  if (method === "GET") return isPage(response);
  // Google Cloud Storage labels empty responses as HTML.
  if (await isEmpty(response)) return false;
  return isPage(response) || (method !== "POST" && !/\bxml\b/i.test(response.headers.get("content-type") ?? ""));
}

/** Whether a response in place of a document is a page of a captive portal or a proxy. */
export function isForeignPage(response: Response): boolean {
  return isPage(response) && !isNamed(response.headers);
}

/**
 * Whether a failure is that of a captive portal or a proxy.
 *
 * @param text The body.
 */
export function isForeignFailure(response: Response, text: string): boolean {
  return FOREIGN_STATUSES.has(response.status) && (text !== "" || announcesBytes(response)) && isForeignPage(response);
}

/** The error for a foreign response. It is retried, since the portal or the proxy may be gone soon. */
export function foreignResponse(response: Response, details: StorageErrorDetails): ConnectionError {
  const { operation, bucket, key } = details;
  const type = foreignText(response.headers.get("content-type") ?? "no content type");
  return new ConnectionError(
    `${operation} of ${key === undefined ? bucket : `${bucket}/${key}`} failed: no S3 server has sent this response ` +
      `(status ${response.status}, ${type}). If a captive portal or a proxy has not, check endpointUrl`,
    { ...details, response },
  );
}

function isNamed(headers: Headers): boolean {
  return [...headers.keys()].some((name) => OWN_HEADERS.test(name));
}

function isPage({ headers }: Response): boolean {
  return /^(text\/html|application\/xhtml)/i.test(headers.get("content-type") ?? "");
}

function announcesBytes({ headers }: Response): boolean {
  return Number(headers.get("content-length")) > 0;
}

/** Whether a body that should have no bytes has none. */
async function isEmpty({ body }: Response): Promise<boolean> {
  if (body === null) return true;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value.byteLength > 0) return done;
    }
  } finally {
    await reader.cancel().catch(() => {}); // it may have failed already
    reader.releaseLock(); // for the caller, who cancels the body
  }
}
