import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/text/closest.ts";
import type { ObjectParameters } from "../settings/options.ts";
import type { UrlOptions } from "../storage/contract/options.ts";
import { headerText, invalidParameter, parameterHeaders, PARAMETERS } from "./object_parameters.ts";

type Parameters = NonNullable<UrlOptions["parameters"]>;

/** Parameters that are sent in the query, with their names there. Source: the S3 API, GetObject and UploadPart. */
const QUERY_NAMES: Readonly<Record<string, string>> = {
  PartNumber: "partNumber",
  ...wireNames(
    "ResponseCacheControl ResponseContentDisposition ResponseContentEncoding ResponseContentLanguage " +
      "ResponseContentType ResponseExpires",
  ),
  UploadId: "uploadId",
  VersionId: "versionId",
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
export interface UrlParameters {
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
 * @throws {ConfigurationError} If a parameter is unknown, or has a value of the wrong type.
 * @throws {TypeError} If a header cannot carry a value.
 */
export function urlParameters(parameters: Parameters, method: string): UrlParameters {
  const query: Array<[string, string]> = [];
  const headers: Record<string, string> = {};
  const ofObject: Record<string, unknown> = {};
  const operation = OPERATIONS[method] ?? "all";
  const known = PARAMETERS[operation];
  for (const [name, value] of entries(parameters)) {
    if (Object.hasOwn(QUERY_NAMES, name)) query.push([QUERY_NAMES[name]!, text(name, value)]);
    else if (Object.hasOwn(HEADER_NAMES, name)) {
      headers[HEADER_NAMES[name]!] = headerText(name, text(name, value), TypeError);
    } else if (known.includes(name)) ofObject[name] = value;
    else {
      const all = [...Object.keys(QUERY_NAMES), ...Object.keys(HEADER_NAMES), ...known];
      throw new ConfigurationError(unknownName("URL parameter", name, all));
    }
  }
  Object.assign(headers, parameterHeaders(ofObject as ObjectParameters, operation, TypeError));
  return Object.keys(headers).length === 0 ? { query } : { query, headers };
}

/**
 * Converts parameters to the query of a URL on a custom domain. As the domain may not be served by S3, unknown names are
 * kept.
 *
 * @throws {ConfigurationError} If a value cannot be converted to text, or is a secret key.
 */
export function customDomainQuery(parameters: Parameters): string {
  if (parameters.SSECustomerKey !== undefined) {
    throw new ConfigurationError("SSECustomerKey cannot be in a URL on a custom domain: it is sent as a header");
  }
  const pairs = entries(parameters).map(([name, value]) => [
    Object.hasOwn(QUERY_NAMES, name) ? QUERY_NAMES[name]! : name,
    text(name, value),
  ]);
  return new URLSearchParams(pairs).toString();
}

/** @throws {ConfigurationError} If the parameters are not an object, such as a Map, whose entries would be ignored. */
function entries(parameters: Parameters): [string, unknown][] {
  if (typeof parameters !== "object" || Symbol.iterator in parameters) {
    throw invalidParameter("parameters", "an object of names and values", parameters);
  }
  return Object.entries(parameters).filter(([, value]) => value !== undefined);
}

/** The text of a value: a date as an HTTP date, a number or a boolean as in source code. */
function text(name: string, value: unknown): string {
  if (typeof value === "string" && value.isWellFormed()) return value;
  if (Number.isFinite(value) || typeof value === "boolean") return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toUTCString();
  throw invalidParameter(name, "a string, a number or a date", value);
}
