import type { ObjectParameters } from "./options.ts";

/** The parameters an object is written with, and their headers. Source: the S3 API, PutObject. */
export const PARAMETER_HEADERS: Readonly<Record<keyof ObjectParameters, string>> = {
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

/** The parameter that a header carries, whatever its case; `undefined` if S3 keeps no such header. */
export function parameterOf(header: string): string | undefined {
  return Object.entries(PARAMETER_HEADERS).find(([, name]) => name === header.toLowerCase())?.[0];
}
