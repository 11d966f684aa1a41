/**
 * Files in S3 buckets, in memory, in a folder or on a backend of your own: django-storages' S3 backend, rebuilt on fetch,
 * Web Streams and WebCrypto. It runs on Deno, Bun, Node and edge runtimes.
 *
 * ```ts ignore
 * import { S3Storage } from "@storages/s3";
 *
 * const storage = new S3Storage({ bucketName: "media" }); // other settings come from AWS_* variables
 * const name = await storage.save("hello.txt", "storage contents");
 * console.log(await storage.url(name));
 * ```
 *
 * @module
 */
export * from "./src/errors.ts";
export { S3Storage } from "./src/s3/s3_storage.ts";
export type { DownloadOptions } from "./src/s3/download_options.ts";
export type { CompleteOptions, MultipartUpload, MultipartUploadOptions } from "./src/s3/direct_uploads.ts";
/**
 * The options that each provider needs, as plain data to spread into a storage's options.
 *
 * @example
 * ```ts
 * import { presets, S3Storage } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new S3Storage({
 *   ...presets.digitalOcean({ region: "nyc3" }),
 *   bucketName: "media",
 *   accessKey: "id",
 *   secretKey: "secret",
 * });
 * assertEquals(new URL(await storage.url("a.txt")).host, "media.nyc3.digitaloceanspaces.com");
 * ```
 */
export * as presets from "./src/settings/presets.ts";
export type { IncompleteUpload, IncompleteUploadOptions } from "./src/s3/incomplete_uploads.ts";
export type { PostOptions } from "./src/s3/object_urls.ts";
export type {
  ClientConfig,
  ObjectParameters,
  S3StorageOptions,
  TransferConfig,
  UrlSigner,
} from "./src/settings/options.ts";
export type { Settings } from "./src/settings/resolve.ts";
export type { Secret } from "./src/kit/text/secret.ts";
export type { PostCondition, PresignedPost } from "./src/signing/presign/presigned_post.ts";
export type { CloudFrontCryptoKey, CloudFrontJwk, CloudFrontPrivateKey } from "./src/aws/cloudfront_key.ts";
export type { CredentialProvider, Credentials } from "./src/aws/credentials.ts";
export * from "./src/storage/contract/contract.ts";
