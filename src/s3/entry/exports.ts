/** The exports of the main entry and of the entry for edge runtimes. */
export * from "../../errors.ts";
export { S3Storage } from "../s3_storage.ts";
export type { FileAcl, FileGrant } from "../objects/acl.ts";
export type { RestoreOptions, RestoreState } from "../objects/archive.ts";
export type { StorageRequest } from "../objects/custom_request.ts";
export type { FileVersions } from "../objects/file_versions.ts";
export type { FileVersion, ListVersionsOptions } from "../objects/version_operations.ts";
export type { VersionOptions } from "../objects/versioned_file.ts";
export type {
  CompletedFile,
  CompleteOptions,
  MultipartUpload,
  MultipartUploadOptions,
} from "../uploads/direct_uploads.ts";
export type { AbortIncompleteOptions, IncompleteUpload, ListUploadsOptions } from "../uploads/incomplete_uploads.ts";
export type { MultipartUploads } from "../uploads/multipart_uploads.ts";
export type { PostOptions } from "../object_urls.ts";
export type { CannedAcl } from "../../settings/canned_acl.ts";
export type { Boto3Config, Boto3TransferConfig, NamedSettings } from "../../settings/named_settings.ts";
export type { S3CallOptions, S3DeleteOptions, S3HeadOptions, S3ReadOptions, S3WriteOptions } from "../s3_options.ts";
export type { S3UrlOptions, UrlParameters } from "../url_parameters.ts";
export type {
  ClientConfig,
  ObjectParameters,
  S3StorageOptions,
  StorageClass,
  TransferConfig,
  UrlSigner,
} from "../../settings/options.ts";
export type { Settings } from "../../settings/resolve.ts";
export type { Secret } from "../../kit/text/secret.ts";
export type { PostCondition, PresignedPost } from "../../signing/presign/presigned_post.ts";
export type { CloudFrontCryptoKey, CloudFrontJwk, CloudFrontPrivateKey } from "../../aws/cloudfront_key.ts";
export type { CredentialProvider, Credentials } from "../../aws/credentials.ts";
export { Storage, type StorageOptions } from "../../storage/storage.ts";
export type { StorageNames } from "../../storage/storage_names.ts";
export type { SaveContent } from "../../storage/content/content.ts";
export type {
  DirectoryEntry,
  FileEntry,
  FileStat,
  ObjectStat,
  RestoreStatus,
  StorageEntry,
} from "../../storage/contract/entry.ts";
export type { OpenArguments, OpenedFile, OpenMode, OpenOptions, OwnOptions } from "../../storage/contract/modes.ts";
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
} from "../../storage/contract/options.ts";
export type { IdentifiedFile, SavedFile, WrittenObject } from "../../storage/contract/saved_file.ts";
export type { BinaryFile } from "../../storage/files/binary_file.ts";
export type { ReadFile } from "../../storage/files/read_file.ts";
export type { TextFile } from "../../storage/files/text_file.ts";
export type { WriteFile } from "../../storage/files/write_file.ts";
