import type { ObjectParameters } from "./options.ts";

type ParameterHeaders = Readonly<Partial<Record<keyof ObjectParameters, string>>>;

/** Headers of every operation. */
const ALL: ParameterHeaders = {
  ExpectedBucketOwner: "x-amz-expected-bucket-owner",
  RequestPayer: "x-amz-request-payer",
};

/** Headers of UploadPart and CompleteMultipartUpload. */
const PART: ParameterHeaders = {
  ...ALL,
  SSECustomerAlgorithm: "x-amz-server-side-encryption-customer-algorithm",
  SSECustomerKey: "x-amz-server-side-encryption-customer-key",
  SSECustomerKeyMD5: "x-amz-server-side-encryption-customer-key-md5",
};

/** Headers of GetObject and HeadObject. */
const READ: ParameterHeaders = {
  ...PART,
  ChecksumMode: "x-amz-checksum-mode",
  VersionId: "versionId", // a query parameter
};

/** Headers of PutObject, CreateMultipartUpload and CopyObject. */
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

/** The headers of the parameters, by operations. Source: the S3 API. */
export const PARAMETER_HEADERS = { all: ALL, part: PART, read: READ, write: WRITE };

/** Returns the write parameter of a header, ignoring case; `undefined` if S3 does not store the header. */
export function parameterOf(header: string): string | undefined {
  return Object.entries(WRITE).find(([, name]) => name === header.toLowerCase())?.[0];
}
