import type { PresignedPost } from "./presigned_post.ts";

/**
 * Makes the form of a signed upload. The file comes last, as S3 ignores fields after it. Send the form to `post.url`
 * with POST and without a `Content-Type` header: fetch sets it with the boundary.
 *
 * @param post The result of {@linkcode createPresignedPost}, or an object parsed from its JSON.
 * @param file The file.
 * @param fileName Replaces `${filename}` in the key. Without it the file's own name does, if it has one.
 * @param fields More fields, for conditions such as `["starts-with", "$Content-Type", "image/"]`.
 * @returns The form.
 * @throws {TypeError} If the fields include `file`, which is reserved for the file.
 *
 * @example
 * ```ts
 * import { createPresignedPost, presignedPostForm } from "@storages/s3/signing";
 * import { assertEquals } from "@std/assert";
 *
 * const post = createPresignedPost({
 *   bucketUrl: "http://localhost:9000/media",
 *   bucket: "media",
 *   key: "uploads/${filename}",
 *   region: "us-east-1",
 *   credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
 *   conditions: [["starts-with", "$Content-Type", "text/"]],
 * });
 * const form = presignedPostForm(post, new Blob(["storage contents"]), "a.txt", { "Content-Type": "text/plain" });
 * assertEquals([...form.keys()].at(-1), "file");
 * ```
 */
export function presignedPostForm(
  post: Pick<PresignedPost, "fields">,
  file: Blob,
  fileName?: string,
  fields: Readonly<Record<string, string>> = {},
): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...post.fields, ...fields })) {
    if (name.toLowerCase() === "file") throw new TypeError("Cannot make form: field 'file' is reserved for the file");
    form.append(name, value);
  }
  if (fileName === undefined) form.append("file", file);
  else form.append("file", file, fileName);
  return form;
}
