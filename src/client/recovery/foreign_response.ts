/** Recognizes the responses of captive portals and proxies. Loaded on demand: S3 marks most of its responses. */
import { ServiceError, type StorageErrorDetails } from "../../errors.ts";
import { foreignText } from "../../kit/text/foreign_text.ts";
import type { S3Request } from "../request.ts";

/**
 * Headers that only S3 and its look-alikes send, Google Cloud Storage among them. CloudFront and the API Gateway also serve
 * other sites.
 */
const OWN_HEADERS = /^x-(amz-(?!cf-|apigw-)|goog-|guploader-|rgw-|minio-|oss-|cos-|obs-)/;

/** Types of pages. Some portals and proxies send plain text. */
const PAGE = /^(text\/(html|plain)|application\/xhtml)/i;
const HTML = /^(text\/html|application\/xhtml)/i;

/** The types of gateways' messages. */
const MESSAGE = /^application\/([\w.-]+\+)?json/i;

/** The types of S3's documents. */
const XML = /^(application|text)\/xml/i;

/** Operations whose responses have an `ETag`. */
const ETAGGED = /^(PutObject|UploadPart)$/;

/** Operations whose responses have no body, so that only headers tell where they come from. */
const DELETING = /^(DeleteObject|AbortMultipartUpload)$/;

/** Like those above; moto 5 and some releases of versitygw respond with an empty 200 without any header of S3. */
const SETTING = /^(Put|Delete)Object(Tagging|Acl)$/;

/** Operations whose responses describe an object. */
const READING = /^(Get|Head)Object$/;

/** An ETag that may be of S3, although a proxy that compresses has made it weak. */
const WEAK_MD5 = /^W\/"[\da-f]{32}(-\d+)?"$/;

const NOT_OF_S3 = "not from an S3 server";

/**
 * Failures that portals and proxies make up: S3 sends none of the others, or they would be retried anyway. Web servers
 * send 412 if the ETag of a page is not that of `If-Match`.
 */
const FOREIGN_FAILURES: ReadonlySet<number> = new Set([401, 403, 410, 412, 511]);

/**
 * What a successful response lacks to be one of the service, if a captive portal or a proxy has sent it.
 *
 * S3 and all its look-alikes send `ETag` or `Last-Modified` with an object, and most send headers of their own with every
 * response. With pages and messages, applications and web servers send one of the two or both: an object of these types
 * needs both, and an ETag that is not made of the time and the length of a file. The response to a write has no body. A
 * server that sends none of these is believed if the response does not look like a page and is not empty.
 */
export function foreignProblem(response: Response, { operation, method, key }: S3Request): string | undefined {
  const { status, headers } = response;
  if (hasOwnHeaders(headers)) return undefined;
  if (status === 204 && method === "DELETE") return undefined; // many servers send nothing else
  const isObject = key !== undefined && (method === "GET" || method === "HEAD");
  const isRead = READING.test(operation);
  const mayBePage = isLongPage(headers, HTML) || (isRead && isLongPage(headers, MESSAGE)) ||
    (ETAGGED.test(operation) && (isLongPage(headers, MESSAGE) || (isPage(headers) && announcesBytes(headers))));
  if (mayBePage && (method === "HEAD" || !isEmpty(response, method))) {
    return isObject && describesObject(headers) ? undefined : NOT_OF_S3;
  }
  const isXml = isPage(headers, XML);
  const hasETag = headers.has("etag");
  if (ETAGGED.test(operation)) return hasETag ? undefined : "missing ETag";
  if (DELETING.test(operation)) return isXml ? undefined : NOT_OF_S3;
  if (SETTING.test(operation)) return isXml || (status === 200 && isEmpty(response, method)) ? undefined : NOT_OF_S3;
  if (!isRead || hasETag || headers.has("last-modified") || headers.has("content-range")) {
    return undefined;
  }
  const isForeign = isPage(headers) || status !== 200 || isEmpty(response, method);
  return isForeign ? "missing ETag and Last-Modified" : undefined;
}

/**
 * Whether a response in place of a document is that of a captive portal or a proxy.
 *
 * @param isDocument Whether it is another document.
 */
export function isForeignDocument({ headers }: Response, isDocument: boolean): boolean {
  return !hasOwnHeaders(headers) && (!isDocument || isPage(headers, HTML));
}

/**
 * What a failure lacks, if it is that of a captive portal or a proxy: a redirect to a login page, a denial, or "Not Found",
 * after which an object would count as missing.
 *
 * @param text The body, which has no code of S3.
 */
export function foreignFailureProblem(
  { status, headers }: Response,
  { method }: Pick<S3Request, "method">,
  text: string,
): string | undefined {
  if (hasOwnHeaders(headers)) return undefined;
  if (status === 404) return isForeignAbsence(headers, method, text) ? NOT_OF_S3 : undefined;
  const isRedirect = status < 400 && status !== 304;
  const isForeign = (isRedirect || FOREIGN_FAILURES.has(status)) && isPage(headers) &&
    (text !== "" || announcesBytes(headers));
  return isForeign || status === 302 || status === 303 ? NOT_OF_S3 : undefined; // S3 sends neither 302 nor 303
}

/**
 * Whether a 404 without headers of S3 is that of a gateway without a route, and tells nothing about an object.
 *
 * S3 and its look-alikes send a document with a 404. After HEAD there is none: moto sends `text/html` and a length of 0,
 * others send the type of the document, or neither. Gateways announce their page or message, and load balancers that send
 * no body have known names. Any other 404 to HEAD is believed.
 */
function isForeignAbsence(headers: Headers, method: string, text: string): boolean {
  if (method !== "HEAD") return text === "" ? !isPage(headers, XML) : !/<Error[\s>]/.test(text);
  if (isLongPage(headers, HTML) || isLongPage(headers, MESSAGE) || (isPage(headers) && announcesBytes(headers))) {
    return true;
  }
  const server = headers.get("server") ?? "";
  // Envoy adds a header of its own to what a server behind it sends; an AWS load balancer keeps that server's name.
  return /^awselb\//.test(server) || (/envoy$/.test(server) && !headers.has("x-envoy-upstream-service-time"));
}

/**
 * The error for a foreign response. It is retried, as a portal or a proxy often responds for a short time only.
 *
 * @param problem What the response lacks.
 */
export function foreignResponse(response: Response, problem: string, details: StorageErrorDetails): ServiceError {
  const { operation, bucket, key } = details;
  const type = foreignText(response.headers.get("content-type") ?? "no content type");
  return new ServiceError(
    `Invalid response to ${operation} of ${key === undefined ? bucket : `${bucket}/${key}`}: ` +
      `${problem} (status ${response.status}, ${type}). If no captive portal or proxy sent it, check endpointUrl`,
    { ...details, response },
  );
}

/** Whether a page has the headers of an object. */
function describesObject(headers: Headers): boolean {
  const etag = headers.get("etag") ?? "";
  const modified = Date.parse(headers.get("last-modified") ?? "");
  if (etag === "" || isNaN(modified)) return false;
  if (/^W\//.test(etag)) return WEAK_MD5.test(etag);
  const length = Number(headers.get("content-length")).toString(16);
  // Those of nginx and lighttpd, and of Apache, for a file.
  return !etag.startsWith(`"${(modified / 1000).toString(16)}-`) && !etag.startsWith(`"${length}-`);
}

function hasOwnHeaders(headers: Headers): boolean {
  return [...headers.keys()].some((name) => OWN_HEADERS.test(name));
}

function isPage(headers: Headers, types = PAGE): boolean {
  return types.test(headers.get("content-type") ?? "");
}

/** Whether a page follows, or would follow if the method were not HEAD: a chunked one has no length. */
function isLongPage(headers: Headers, types: RegExp): boolean {
  return isPage(headers, types) && headers.get("content-length") !== "0";
}

function announcesBytes(headers: Headers): boolean {
  return Number(headers.get("content-length")) > 0;
}

/** Creates the stream of a body, which takes long on some runtimes, only if the headers do not tell. */
function isEmpty({ headers, body }: Response, method: string): boolean {
  return headers.get("content-length") === "0" || (method === "HEAD" ? !headers.has("content-length") : body === null);
}
