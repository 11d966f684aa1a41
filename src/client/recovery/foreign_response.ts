/** Recognizes the responses of captive portals and proxies. Loaded on demand: S3 marks most of its responses. */
import { ServiceError, type StorageErrorDetails } from "../../errors.ts";
import { foreignText } from "../../kit/text/foreign_text.ts";
import type { S3Request } from "../request.ts";

/** Headers that only S3 and its look-alikes send, Google Cloud Storage among them. CloudFront also serves other sites. */
const OWN_HEADERS = /^x-(amz-(?!cf-)|goog-|guploader-|rgw-|minio-|oss-|cos-|obs-)/;

/** Types of pages. Some portals and proxies send plain text. */
const PAGE = /^(text\/(html|plain)|application\/xhtml)/i;
const HTML = /^(text\/html|application\/xhtml)/i;

/** The types of S3's documents. */
const XML = /^(application|text)\/xml/i;

/** Operations whose responses have an `ETag`. */
const ETAGGED = /^(PutObject|UploadPart)$/;

/** Operations whose responses have no body, so that only headers tell where they come from. */
const EMPTY = /^(DeleteObject|AbortMultipartUpload|(Put|Delete)Object(Tagging|Acl))$/;

/** Operations whose responses describe an object. */
const READING = /^(Get|Head)Object$/;

const NOT_OF_S3 = "no S3 server sends such a one";

/** Failures that portals and proxies make up: S3 sends none of the others, or they would be retried anyway. */
const FOREIGN_FAILURES: ReadonlySet<number> = new Set([401, 403, 404, 410, 511]);

/**
 * What a successful response lacks to be one of the service, if a captive portal or a proxy has sent it.
 *
 * S3 and all its look-alikes send `ETag` or `Last-Modified` with an object, and most send headers of their own with every
 * response. A server that sends none of these is believed if the response does not look like a page and is not empty.
 *
 * @param response A response without `ETag`.
 */
export function foreignProblem(response: Response, { operation, method }: S3Request): string | undefined {
  const { status, headers } = response;
  if (isMarked(headers) || headers.has("last-modified")) return undefined;
  if (status === 204 && method === "DELETE") return undefined; // many servers send nothing else
  if (ETAGGED.test(operation)) return "missing ETag";
  if (EMPTY.test(operation)) return XML.test(headers.get("content-type") ?? "") ? undefined : NOT_OF_S3;
  if (!READING.test(operation)) return isPage(headers, HTML) ? NOT_OF_S3 : undefined;
  if (headers.has("content-range")) return undefined;
  const isForeign = isPage(headers) || status !== 200 || isEmpty(response, method);
  return isForeign ? "missing ETag and Last-Modified" : undefined;
}

/**
 * Whether a response in place of a document is that of a captive portal or a proxy.
 *
 * @param isDocument Whether it is another document.
 */
export function isForeignDocument({ headers }: Response, isDocument: boolean): boolean {
  return !isMarked(headers) && (!isDocument || isPage(headers, HTML));
}

/**
 * What a failure lacks, if it is that of a captive portal or a proxy: a redirect to a login page, a denial, or a page
 * "Not Found", after which an object would count as missing.
 *
 * @param text The body.
 */
export function foreignFailureProblem({ status, headers }: Response, text: string): string | undefined {
  if (isMarked(headers)) return undefined;
  const isRedirect = status < 400 && status !== 304;
  const isForeign = (isRedirect || FOREIGN_FAILURES.has(status)) && isPage(headers) &&
    (text !== "" || announcesBytes(headers));
  return isForeign || status === 302 || status === 303 ? NOT_OF_S3 : undefined; // S3 sends neither 302 nor 303
}

/**
 * The error for a foreign response. It is retried, as a portal or a proxy often responds for a short time only.
 *
 * @param problem What the response lacks.
 */
export function foreignResponse(response: Response, problem: string, details: StorageErrorDetails): ServiceError {
  const type = foreignText(response.headers.get("content-type") ?? "no content type");
  return new ServiceError(
    `Invalid response to ${details.operation}: ${problem} (status ${response.status}, ${type}). ` +
      "If no captive portal or proxy sent it, check endpointUrl",
    { ...details, response },
  );
}

function isMarked(headers: Headers): boolean {
  return [...headers.keys()].some((name) => OWN_HEADERS.test(name));
}

function isPage(headers: Headers, types = PAGE): boolean {
  return types.test(headers.get("content-type") ?? "");
}

function announcesBytes(headers: Headers): boolean {
  return Number(headers.get("content-length")) > 0;
}

function isEmpty({ headers, body }: Response, method: string): boolean {
  return headers.get("content-length") === "0" || (method === "HEAD" ? !headers.has("content-length") : body === null);
}
