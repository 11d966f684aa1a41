/**
 * Files in S3 buckets: django-storages' S3 backend, rebuilt on fetch, Web Streams and WebCrypto. It runs on Deno, Bun, Node
 * and edge runtimes. Storages in memory and in a folder are in `@storages/s3/storage`.
 *
 * ```ts
 * import { S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 *
 * const name = await storage.save("hello.txt", "storage contents");
 * assertEquals(await storage.readText(name), "storage contents");
 * ```
 *
 * @module
 */
export * from "./src/errors.ts";
export { S3Storage } from "./src/s3/s3_storage.ts";
export type { FileAcl, FileGrant } from "./src/s3/objects/acl.ts";
export type { RestoreOptions, RestoreState } from "./src/s3/objects/archive.ts";
export type { StorageRequest } from "./src/s3/objects/custom_request.ts";
export type { FileVersions } from "./src/s3/objects/file_versions.ts";
export type { FileVersion, ListVersionsOptions } from "./src/s3/objects/version_operations.ts";
export type { VersionOptions } from "./src/s3/objects/versioned_file.ts";
export type {
  CompletedFile,
  CompleteOptions,
  MultipartUpload,
  MultipartUploadOptions,
} from "./src/s3/uploads/direct_uploads.ts";
export type {
  AbortIncompleteOptions,
  IncompleteUpload,
  ListUploadsOptions,
} from "./src/s3/uploads/incomplete_uploads.ts";
export type { MultipartUploads } from "./src/s3/uploads/multipart_uploads.ts";
export type { PostOptions } from "./src/s3/object_urls.ts";
export type { CannedAcl } from "./src/settings/canned_acl.ts";
export type { Boto3Config, Boto3TransferConfig, NamedSettings } from "./src/settings/named_settings.ts";
export type {
  S3CallOptions,
  S3DeleteOptions,
  S3HeadOptions,
  S3ReadOptions,
  S3WriteOptions,
} from "./src/s3/s3_options.ts";
export type { S3UrlOptions, UrlParameters } from "./src/s3/url_parameters.ts";
export type {
  ClientConfig,
  ObjectParameters,
  S3StorageOptions,
  StorageClass,
  TransferConfig,
  UrlSigner,
} from "./src/settings/options.ts";
export type { Settings } from "./src/settings/resolve.ts";
export type { Secret } from "./src/kit/text/secret.ts";
export type { PostCondition, PresignedPost } from "./src/signing/presign/presigned_post.ts";
export type { CloudFrontCryptoKey, CloudFrontJwk, CloudFrontPrivateKey } from "./src/aws/cloudfront_key.ts";
export type { CredentialProvider, Credentials } from "./src/aws/credentials.ts";
export { Storage, type StorageOptions } from "./src/storage/storage.ts";
export type { StorageNames } from "./src/storage/storage_names.ts";
export type { SaveContent } from "./src/storage/content/content.ts";
export type {
  DirectoryEntry,
  FileEntry,
  FileStat,
  ObjectStat,
  RestoreStatus,
  StorageEntry,
} from "./src/storage/contract/entry.ts";
export type { OpenArguments, OpenedFile, OpenMode, OpenOptions, OwnOptions } from "./src/storage/contract/modes.ts";
export type {
  AvailableNameOptions,
  CallOptions,
  CopyOptions,
  CopyToOptions,
  DeleteOptions,
  DownloadOptions,
  FileAttributes,
  ListOptions,
  OmittedReason,
  OnExisting,
  ReadOptions,
  SaveOptions,
  TransferProgress,
  UrlOptions,
  WriteOptions,
} from "./src/storage/contract/options.ts";
export type { IdentifiedFile, SavedFile, WrittenObject } from "./src/storage/contract/saved_file.ts";
export type { BinaryFile } from "./src/storage/files/binary_file.ts";
export type { ReadFile } from "./src/storage/files/read_file.ts";
export type { TextFile } from "./src/storage/files/text_file.ts";
export type { WriteFile } from "./src/storage/files/write_file.ts";
