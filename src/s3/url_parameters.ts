import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/closest.ts";
import type { ObjectParameters } from "../settings/options.ts";
import { OBJECT_PARAMETERS, parameterHeaders, wrongValue } from "./object_parameters.ts";

/** Parameters that are part of a URL's query, by their names there. Source: the S3 API, GetObject and UploadPart. */
const QUERY_NAMES: Readonly<Record<string, string>> = {
  PartNumber: "partNumber",
  ResponseCacheControl: "response-cache-control",
  ResponseContentDisposition: "response-content-disposition",
  ResponseContentEncoding: "response-content-encoding",
  ResponseContentLanguage: "response-content-language",
  ResponseContentType: "response-content-type",
  ResponseExpires: "response-expires",
  UploadId: "uploadId",
  VersionId: "versionId",
};

/** Parameters that are headers, which whoever uses the URL has to send. */
const HEADER_NAMES: Readonly<Record<string, string>> = {
  ContentMD5: "content-md5",
  IfMatch: "if-match",
  IfModifiedSince: "if-modified-since",
  IfNoneMatch: "if-none-match",
  IfUnmodifiedSince: "if-unmodified-since",
  Range: "range",
};

/** What parameters are in a request. */
export interface UrlParameters {
  /** In the order given, as botocore has it. */
  readonly query: Array<[string, string]>;
  /** Left out if there are none. */
  readonly headers?: Record<string, string> | undefined;
}

/**
 * What parameters are in a request: those of objects are headers of a PUT.
 *
 * @throws {ConfigurationError} If there is no such parameter, or its value is not text.
 */
export function urlParameters(parameters: Readonly<Record<string, string>>, method: string): UrlParameters {
  const query: Array<[string, string]> = [];
  const headers: Record<string, string> = {};
  const ofObject: Record<string, string> = {};
  const known = method === "PUT" ? OBJECT_PARAMETERS : REQUEST_PARAMETERS;
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    if (typeof value !== "string" || !value.isWellFormed()) throw wrongValue(name, "text", value);
    if (Object.hasOwn(QUERY_NAMES, name)) query.push([QUERY_NAMES[name]!, value]);
    else if (Object.hasOwn(HEADER_NAMES, name)) headers[HEADER_NAMES[name]!] = value;
    else if (known.includes(name)) ofObject[name] = value;
    else {
      const all = [...Object.keys(QUERY_NAMES), ...Object.keys(HEADER_NAMES), ...known];
      throw new ConfigurationError(unknownName("URL parameter", name, all));
    }
  }
  Object.assign(headers, parameterHeaders(ofObject as ObjectParameters));
  return Object.keys(headers).length === 0 ? { query } : { query, headers };
}

/** Object parameters that requests of every method take. */
const REQUEST_PARAMETERS: readonly string[] = ["ExpectedBucketOwner", "RequestPayer"];

/** Parameters for a custom domain, which need not lead to S3: names that S3 does not know are left as they are. */
export function customDomainQuery(parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(pairs.map(([name, value]) => [QUERY_NAMES[name] ?? name, value])).toString();
}
