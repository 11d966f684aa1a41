/**
 * Presigned URLs and upload forms for S3, computed synchronously. This entry imports neither the client nor any other
 * part of this package, so it is small enough for an edge function.
 *
 * ```ts
 * import { Presigner } from "@storages/s3/signing";
 *
 * const presigner = new Presigner({
 *   bucketUrl: "https://media.s3.eu-west-1.amazonaws.com",
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" }, // from the environment
 * });
 * const url = presigner.url("films/1.mp4", { expiresIn: 600 });
 * ```
 *
 * - {@linkcode Presigner} signs many URLs, for any method; {@linkcode presignUrl} signs a single one.
 * - {@linkcode createPresignedPost} signs an upload form for browsers; {@linkcode presignedPostForm} adds the file to
 * it.
 * - {@linkcode presignUrlV2} is for servers that support only Signature Version 2.
 *
 * @module
 */
export type { Credentials } from "../aws/credentials.ts";
export type { QueryParameters } from "./presign/checks.ts";
export {
  createPresignedPost,
  type PostCondition,
  type PresignedPost,
  type PresignedPostOptions,
} from "./presign/presigned_post.ts";
export { presignedPostForm, type PresignedPostFormOptions } from "./presign/presigned_post_form.ts";
export { presignUrlV2, type PresignUrlV2Options } from "./presign/presign_v2.ts";
export {
  Presigner,
  type PresignerOptions,
  type PresignOptions,
  presignUrl,
  type PresignUrlOptions,
} from "./presign/presigner.ts";
