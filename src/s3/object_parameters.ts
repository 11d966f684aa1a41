import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/closest.ts";
import type { ObjectParameters } from "../settings/options.ts";

type Kind = "text" | "date" | "metadata";

/** The parameters an object is written with, and their headers. Source: the S3 API, PutObject. */
const HEADERS: Readonly<Record<keyof ObjectParameters, readonly [header: string, kind: Kind]>> = {
  ACL: ["x-amz-acl", "text"],
  CacheControl: ["cache-control", "text"],
  ContentDisposition: ["content-disposition", "text"],
  ContentEncoding: ["content-encoding", "text"],
  ContentLanguage: ["content-language", "text"],
  ContentType: ["content-type", "text"],
  ExpectedBucketOwner: ["x-amz-expected-bucket-owner", "text"],
  Expires: ["expires", "date"],
  GrantFullControl: ["x-amz-grant-full-control", "text"],
  GrantRead: ["x-amz-grant-read", "text"],
  GrantReadACP: ["x-amz-grant-read-acp", "text"],
  GrantWriteACP: ["x-amz-grant-write-acp", "text"],
  Metadata: ["x-amz-meta-", "metadata"],
  ObjectLockLegalHoldStatus: ["x-amz-object-lock-legal-hold", "text"],
  ObjectLockMode: ["x-amz-object-lock-mode", "text"],
  ObjectLockRetainUntilDate: ["x-amz-object-lock-retain-until-date", "date"],
  RequestPayer: ["x-amz-request-payer", "text"],
  ServerSideEncryption: ["x-amz-server-side-encryption", "text"],
  SSEKMSEncryptionContext: ["x-amz-server-side-encryption-context", "text"],
  SSEKMSKeyId: ["x-amz-server-side-encryption-aws-kms-key-id", "text"],
  StorageClass: ["x-amz-storage-class", "text"],
  Tagging: ["x-amz-tagging", "text"],
  WebsiteRedirectLocation: ["x-amz-website-redirect-location", "text"],
};

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
    const [header, kind] = HEADERS[name];
    if (kind === "metadata") Object.assign(headers, metadataHeaders(value));
    else if (value instanceof Date && kind === "date") headers[header] = dateText(name, value);
    else if (typeof value === "string") headers[header] = value;
    else throw wrongValue(name, kind === "date" ? "text or a Date" : "text", value);
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
    if (typeof value !== "string" || !/^[\x20-\x7e]*$/.test(value)) {
      throw wrongValue(`Metadata.${name}`, "printable ASCII", value);
    }
    headers[`x-amz-meta-${name.toLowerCase()}`] = value;
  }
  return headers;
}

/** S3 wants lock dates in ISO 8601, and HTTP its own. */
function dateText(name: keyof ObjectParameters, date: Date): string {
  return name === "Expires" ? date.toUTCString() : date.toISOString();
}

function wrongValue(name: string, wanted: string, value: unknown): ConfigurationError {
  return new ConfigurationError(`${name} must be ${wanted}: current value is ${String(value)}`);
}
