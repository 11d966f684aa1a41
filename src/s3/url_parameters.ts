import { contentDisposition } from "../kit/text/content_disposition.ts";
import { unknownName } from "../kit/text/closest.ts";
import { isRecord } from "../kit/values/record.ts";
import type { ObjectParameters } from "../settings/options.ts";
import type { UrlOptions } from "../storage/contract/options.ts";
import { headerText, invalidParameter, parameterHeaders, PARAMETERS, type Refusal } from "./object_parameters.ts";

/**
 * The parameters of a URL by their names in the S3 API. Those that are headers must be sent by the user of the URL, unchanged.
 * On a custom domain, other parameters in lower case become part of the query.
 *
 * @example
 * ```ts
 * import { S3Storage, type UrlParameters } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const parameters: UrlParameters = { ResponseContentType: "text/plain" };
 * const storage = new S3Storage({ bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" });
 * const url = new URL(await storage.url("a.log", { parameters }));
 * assertEquals(url.searchParams.get("response-content-type"), "text/plain");
 * ```
 */
export interface UrlParameters extends Omit<ObjectParameters, "ContentMD5"> {
  /** The number of a part: of an upload with PUT, of an object with GET and HEAD. */
  readonly PartNumber?: number | string | undefined;
  /**
   * `"requester"`: the signer of the URL pays for the request. In the query.
   * @default {that of the storage's `objectParameters`}
   */
  readonly RequestPayer?: ObjectParameters["RequestPayer"];
  /** The Cache-Control header of the response. */
  readonly ResponseCacheControl?: string | undefined;
  /**
   * The Content-Disposition header of the response; `downloadName` makes one. A name beyond ASCII in `filename` is encoded
   * as by RFC 8187, since AWS refuses it. Other texts and parameters beyond ASCII are refused.
   */
  readonly ResponseContentDisposition?: string | undefined;
  /** The Content-Encoding header of the response. */
  readonly ResponseContentEncoding?: string | undefined;
  /** The Content-Language header of the response. */
  readonly ResponseContentLanguage?: string | undefined;
  /** The Content-Type header of the response. */
  readonly ResponseContentType?: string | undefined;
  /** The Expires header of the response. */
  readonly ResponseExpires?: Date | string | undefined;
  /** The id of a multipart upload. */
  readonly UploadId?: string | undefined;
  /** Whether a version may be deleted that Object Lock protects in governance mode. A header. */
  readonly BypassGovernanceRetention?: boolean | string | undefined;
  /** The checksum of the body in base64. A header. */
  readonly ChecksumCRC32?: string | undefined;
  /** The checksum of the body in base64. A header. */
  readonly ChecksumCRC32C?: string | undefined;
  /** The checksum of the body in base64. A header. */
  readonly ChecksumCRC64NVME?: string | undefined;
  /** The checksum of the body in base64. A header. */
  readonly ChecksumSHA1?: string | undefined;
  /** The checksum of the body in base64. A header. */
  readonly ChecksumSHA256?: string | undefined;
  /** The number of bytes of the body. A header. */
  readonly ContentLength?: number | string | undefined;
  /** The MD5 of the body in base64. A header. */
  readonly ContentMD5?: string | undefined;
  /** The ETag that the object must have. A header. */
  readonly IfMatch?: string | undefined;
  /** The time since which the object must have been written. A header. */
  readonly IfModifiedSince?: Date | string | undefined;
  /** The ETag that the object must not have; `"*"` for a PUT that creates it. A header. */
  readonly IfNoneMatch?: string | undefined;
  /** The time since which the object must not have been written. A header. */
  readonly IfUnmodifiedSince?: Date | string | undefined;
  /** The bytes to read, such as `"bytes=0-99"`. A header. */
  readonly Range?: string | undefined;
  /** A parameter of the query on a custom domain. */
  readonly [name: Lowercase<string>]: string | number | boolean | Date | undefined;
}

/**
 * How an {@linkcode S3Storage} makes a URL.
 *
 * @example
 * ```ts
 * import { S3Storage, type S3UrlOptions } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const options: S3UrlOptions = { expiresIn: 300, downloadName: "Report 2026.pdf" };
 * const storage = new S3Storage({ bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" });
 * assert((await storage.url("r.pdf", options)).includes("response-content-disposition=attachment"));
 * ```
 */
export interface S3UrlOptions extends Omit<UrlOptions, "parameters"> {
  /** Parameters of the request, by their names in the S3 API. */
  readonly parameters?: UrlParameters | undefined;
}

/**
 * Parameters that are sent in the query, with their names there. Source: the S3 API, GetObject and UploadPart. S3 and Ceph
 * RGW also accept the payer there, so that links and forms of browsers work, which send no headers.
 */
const QUERY_NAMES: Readonly<Record<string, string>> = {
  PartNumber: "partNumber",
  ...wireNames(
    "ResponseCacheControl ResponseContentDisposition ResponseContentEncoding ResponseContentLanguage " +
      "ResponseContentType ResponseExpires",
  ),
  UploadId: "uploadId",
  VersionId: "versionId",
  RequestPayer: "x-amz-request-payer",
};

/** Parameters that are sent as headers by the user of the URL. */
const HEADER_NAMES: Readonly<Record<string, string>> = {
  ...wireNames(
    "BypassGovernanceRetention ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256",
    "x-amz-",
  ),
  ...wireNames("ContentLength ContentMD5 IfMatch IfModifiedSince IfNoneMatch IfUnmodifiedSince Range"),
};

/** Names of parameters with their names in a request: `IfNoneMatch` is `if-none-match`. */
function wireNames(names: string, prefix = ""): Record<string, string> {
  const entries = names.split(" ").map((
    name,
  ) => [name, prefix + name.replace(/\B[A-Z][a-z]|MD5/g, "-$&").toLowerCase()]);
  return Object.fromEntries(entries);
}

/** Parameters in the form that a request has them. */
export interface RequestParameters {
  /** In the given order, as in botocore. */
  readonly query: Array<[string, string]>;
  /** Omitted if there are no headers. */
  readonly headers?: Record<string, string> | undefined;
}

/** The object parameters that a method's operation takes. */
const OPERATIONS: Readonly<Record<string, keyof typeof PARAMETERS>> = { GET: "read", HEAD: "read", PUT: "write" };

/**
 * Converts parameters to the query and the headers of a request. Object parameters become headers.
 *
 * @param refuse Makes the error for a parameter that is unknown, or has an invalid value.
 */
export function urlParameters(parameters: object, method: string, refuse: Refusal): RequestParameters {
  const query: Array<[string, string]> = [];
  const headers: Record<string, string> = {};
  const ofObject: Record<string, unknown> = {};
  const operation = OPERATIONS[method] ?? "all";
  const known = PARAMETERS[operation];
  for (const [name, value] of entries(parameters, refuse)) {
    if (Object.hasOwn(QUERY_NAMES, name)) query.push([QUERY_NAMES[name]!, queryText(name, value, refuse)]);
    else if (Object.hasOwn(HEADER_NAMES, name)) {
      headers[HEADER_NAMES[name]!] = headerText(name, text(name, value, refuse), refuse);
    } else if (known.includes(name)) ofObject[name] = value;
    else if (PARAMETERS.read.includes(name) || PARAMETERS.write.includes(name)) {
      const other = PARAMETERS.write.includes(name) ? "PUT" : "GET";
      throw refuse(`Unknown URL parameter '${name}' for method ${method}: it is for method ${other}`);
    } else {
      const { read, write } = PARAMETERS;
      const all = new Set([...Object.keys(QUERY_NAMES), ...Object.keys(HEADER_NAMES), ...read, ...write]);
      throw refuse(unknownName("URL parameter", name, [...all]));
    }
  }
  Object.assign(headers, parameterHeaders(ofObject as ObjectParameters, operation, refuse));
  return Object.keys(headers).length === 0 ? { query } : { query, headers };
}

/**
 * Converts parameters to the query of a URL on a custom domain. As the domain may not be served by S3, unknown names are
 * kept.
 *
 * @param refuse Makes the error for a value that cannot be converted to text, or is a secret key.
 */
export function customDomainQuery(parameters: object, refuse: Refusal): string {
  const given = entries(parameters, refuse);
  if (given.some(([name]) => name === "SSECustomerKey")) {
    throw refuse("SSECustomerKey cannot be in a URL on a custom domain: it is sent as a header");
  }
  const pairs = given.map(([name, value]) => [
    Object.hasOwn(QUERY_NAMES, name) ? QUERY_NAMES[name]! : name,
    queryText(name, value, refuse),
  ]);
  return new URLSearchParams(pairs).toString();
}

/** Refuses what is no object, such as a Map, whose entries would be ignored. */
function entries(parameters: object, refuse: Refusal): [string, unknown][] {
  if (!isRecord(parameters) || Symbol.iterator in parameters) {
    throw invalidParameter("parameters", "an object of names and values", parameters, refuse);
  }
  return Object.entries(parameters).filter(([, value]) => value !== undefined);
}

/** A disposition with a name that is not encoded yet. */
const PLAIN_NAME = /^\s*(inline|attachment)\s*;\s*filename\s*=\s*(?:"([^"\\]*)"|([^\s;"]+))\s*$/i;

/**
 * The text of a parameter in the query. What becomes a header of the response must be ASCII: AWS refuses characters that
 * ISO 8859-1 does not have, and browsers disagree on the others. The name of a file is encoded instead (RFC 8187).
 */
function queryText(name: string, value: unknown, refuse: Refusal): string {
  const given = text(name, value, refuse);
  if (!name.startsWith("Response")) return given;
  const [, type, quoted, token] = /[^ -~]/.test(given) && PLAIN_NAME.exec(given) || [];
  return headerText(
    name,
    type ? contentDisposition(type.toLowerCase() as "inline", quoted ?? token) : given,
    refuse,
  );
}

/** The text of a value: a date as an HTTP date, a number or a boolean as in source code. */
function text(name: string, value: unknown, refuse: Refusal): string {
  if (typeof value === "string" && value.isWellFormed()) return value;
  if (Number.isFinite(value) || typeof value === "boolean") return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toUTCString();
  throw invalidParameter(name, "a string, a number or a date", value, refuse);
}
