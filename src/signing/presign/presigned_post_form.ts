import type { PresignedPost } from "./presigned_post.ts";

/**
 * Fills a form with a file. The file comes last, as S3 reads no field after it. Send the form to `post.url` with POST, and
 * set no `Content-Type`: fetch does that, and the boundary with it.
 *
 * @param post The form, of {@linkcode createPresignedPost}; one that came as JSON will do.
 * @param file The file.
 * @param fileName What stands in for `${filename}` in the key; the file's own name if it has one.
 * @param fields More fields, for conditions such as `["starts-with", "$Content-Type", "image/"]`.
 * @returns The form.
 * @throws {TypeError} If the field `file` is given: that is the file's.
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
    if (name.toLowerCase() === "file") throw new TypeError("The field file cannot be given");
    form.append(name, value);
  }
  if (fileName === undefined) form.append("file", file);
  else form.append("file", file, fileName);
  return form;
}
