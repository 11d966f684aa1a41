import type { ObjectParameters } from "./options.ts";

type ParameterHeaders = Readonly<Partial<Record<keyof ObjectParameters, string>>>;

/** What every operation takes. */
const ALL: ParameterHeaders = {
  ExpectedBucketOwner: "x-amz-expected-bucket-owner",
  RequestPayer: "x-amz-request-payer",
};

/** What UploadPart and CompleteMultipartUpload take. */
const PART: ParameterHeaders = {
  ...ALL,
  SSECustomerAlgorithm: "x-amz-server-side-encryption-customer-algorithm",
  SSECustomerKey: "x-amz-server-side-encryption-customer-key",
  SSECustomerKeyMD5: "x-amz-server-side-encryption-customer-key-md5",
};

/** What GetObject and HeadObject take. */
const READ: ParameterHeaders = {
  ...PART,
  ChecksumMode: "x-amz-checksum-mode",
  VersionId: "versionId", // in the query
};

/** What PutObject, CreateMultipartUpload and CopyObject take. */
const WRITE: ParameterHeaders = {
  ...PART,
  ACL: "x-amz-acl",
  BucketKeyEnabled: "x-amz-server-side-encryption-bucket-key-enabled",
  CacheControl: "cache-control",
  ChecksumAlgorithm: "x-amz-checksum-algorithm",
  ContentDisposition: "content-disposition",
  ContentEncoding: "content-encoding",
  ContentLanguage: "content-language",
  ContentType: "content-type",
  Expires: "expires",
  GrantFullControl: "x-amz-grant-full-control",
  GrantRead: "x-amz-grant-read",
  GrantReadACP: "x-amz-grant-read-acp",
  GrantWriteACP: "x-amz-grant-write-acp",
  Metadata: "x-amz-meta-",
  ObjectLockLegalHoldStatus: "x-amz-object-lock-legal-hold",
  ObjectLockMode: "x-amz-object-lock-mode",
  ObjectLockRetainUntilDate: "x-amz-object-lock-retain-until-date",
  ServerSideEncryption: "x-amz-server-side-encryption",
  SSEKMSEncryptionContext: "x-amz-server-side-encryption-context",
  SSEKMSKeyId: "x-amz-server-side-encryption-aws-kms-key-id",
  StorageClass: "x-amz-storage-class",
  Tagging: "x-amz-tagging",
  WebsiteRedirectLocation: "x-amz-website-redirect-location",
};

/** Each parameter's header, by the operations that take it. Source: the S3 API. */
export const PARAMETER_HEADERS = { all: ALL, part: PART, read: READ, write: WRITE };

/** The parameter of written objects that a header carries, whatever its case; `undefined` if S3 keeps no such header. */
export function parameterOf(header: string): string | undefined {
  return Object.entries(WRITE).find(([, name]) => name === header.toLowerCase())?.[0];
}
