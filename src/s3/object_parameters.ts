import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/closest.ts";
import { shown } from "../settings/checks.ts";
import type { ObjectParameters } from "../settings/options.ts";

/** The parameters an object is written with, and their headers. Source: the S3 API, PutObject. */
const HEADERS: Readonly<Record<keyof ObjectParameters, string>> = {
  ACL: "x-amz-acl",
  CacheControl: "cache-control",
  ContentDisposition: "content-disposition",
  ContentEncoding: "content-encoding",
  ContentLanguage: "content-language",
  ContentType: "content-type",
  ExpectedBucketOwner: "x-amz-expected-bucket-owner",
  Expires: "expires",
  GrantFullControl: "x-amz-grant-full-control",
  GrantRead: "x-amz-grant-read",
  GrantReadACP: "x-amz-grant-read-acp",
  GrantWriteACP: "x-amz-grant-write-acp",
  Metadata: "x-amz-meta-",
  ObjectLockLegalHoldStatus: "x-amz-object-lock-legal-hold",
  ObjectLockMode: "x-amz-object-lock-mode",
  ObjectLockRetainUntilDate: "x-amz-object-lock-retain-until-date",
  RequestPayer: "x-amz-request-payer",
  ServerSideEncryption: "x-amz-server-side-encryption",
  SSEKMSEncryptionContext: "x-amz-server-side-encryption-context",
  SSEKMSKeyId: "x-amz-server-side-encryption-aws-kms-key-id",
  StorageClass: "x-amz-storage-class",
  Tagging: "x-amz-tagging",
  WebsiteRedirectLocation: "x-amz-website-redirect-location",
};

/** The names of all object parameters. */
export const OBJECT_PARAMETERS: readonly string[] = Object.keys(HEADERS);

/**
 * The headers that parameters are sent as.
 *
 * @throws {ConfigurationError} If there is no such parameter, or a value is not of its kind.
 */
export function parameterHeaders(parameters: ObjectParameters): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters) as [keyof ObjectParameters, unknown][]) {
    if (value === undefined) continue;
    if (!Object.hasOwn(HEADERS, name)) {
      throw new ConfigurationError(unknownName("object parameter", name, Object.keys(HEADERS)));
    }
    if (name === "Metadata") Object.assign(headers, metadataHeaders(value));
    else headers[HEADERS[name]] = parameterText(name, value);
  }
  return headers;
}

function metadataHeaders(metadata: unknown): Record<string, string> {
  if (typeof metadata !== "object" || metadata === null) throw wrongValue("Metadata", "an object of texts", metadata);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata)) {
    // RFC 9110, section 5.6.2: a header's name is a token.
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new ConfigurationError(`A name in Metadata must be a header's name: current value is "${name}"`);
    }
    headers[`x-amz-meta-${name.toLowerCase()}`] = headerText(`Metadata.${name}`, value);
  }
  return headers;
}

/** Dates may be dates; S3 wants the one of locks in ISO 8601, and HTTP the one of expiry its own way. */
function parameterText(name: string, value: unknown): string {
  if (value instanceof Date && !isNaN(value.getTime())) {
    if (name === "Expires") return value.toUTCString();
    if (name === "ObjectLockRetainUntilDate") return value.toISOString();
  }
  return headerText(name, value);
}

/** @throws {ConfigurationError} If no header can carry it. */
function headerText(name: string, value: unknown): string {
  if (typeof value === "string" && /^[\t\x20-\x7e]*$/.test(value)) return value;
  throw wrongValue(name, "text in printable ASCII", value);
}

/** What to say of a value that is not what it must be. */
export function wrongValue(name: string, wanted: string, value: unknown): ConfigurationError {
  return new ConfigurationError(`${name} must be ${wanted}: current value is ${shown(value)}`);
}
