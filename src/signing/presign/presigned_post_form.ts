import { invalidArgument, type NoneMissing } from "../../kit/values/argument.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { checkText, checkTexts } from "./checks.ts";
import type { PresignedPost } from "./presigned_post.ts";

/**
 * The name of the file, and further fields of {@linkcode presignedPostForm}.
 *
 * @example
 * ```ts
 * import { presignedPostForm, type PresignedPostFormOptions } from "@storages/s3/signing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: PresignedPostFormOptions = { fileName: "a.txt", fields: { "Content-Type": "text/plain" } };
 * const form = presignedPostForm({ fields: { key: "uploads/${filename}" } }, new Blob(["storage contents"]), options);
 * assertEquals([...form.keys()], ["key", "Content-Type", "file"]);
 * ```
 */
export interface PresignedPostFormOptions {
  /** Replaces `${filename}` in the key. Without it the file's own name does, if it has one. */
  readonly fileName?: string | undefined;
  /** Further fields, for conditions such as `["starts-with", "$Content-Type", "image/"]`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

const NAMES = ["fileName", "fields"] as const satisfies readonly (keyof PresignedPostFormOptions)[];
type _Names = NoneMissing<Exclude<keyof PresignedPostFormOptions, typeof NAMES[number]>>;

/**
 * Makes the form of a signed upload. The file comes last, as S3 ignores fields after it. Send the form to `post.url`
 * with POST and without a `Content-Type` header: fetch sets it with the boundary.
 *
 * @param post The result of {@linkcode createPresignedPost}, or an object parsed from its JSON.
 * @param file The file.
 * @param options The name of the file, and further fields.
 * @returns The form.
 * @throws {TypeError} If an argument is of the wrong type, an option is unknown, or the fields include `file`, which is
 * reserved for the file.
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
 * const form = presignedPostForm(post, new Blob(["storage contents"]), {
 *   fileName: "a.txt",
 *   fields: { "Content-Type": "text/plain" },
 * });
 * assertEquals([...form.keys()].at(-1), "file");
 * ```
 */
export function presignedPostForm(
  post: Pick<PresignedPost, "fields">,
  file: Blob,
  options: PresignedPostFormOptions = {},
): FormData {
  const action = "make form";
  checkOptions(action, options, NAMES);
  const { fileName, fields = {} } = options;
  checkTexts("post.fields", post?.fields, action);
  checkTexts("fields", fields, action);
  if (!(file instanceof Blob)) throw invalidArgument(action, "file", "a Blob or a File", file);
  if (fileName !== undefined && typeof fileName !== "string") {
    throw invalidArgument(action, "fileName", "text", fileName);
  }
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...post.fields, ...fields })) {
    if (name.toLowerCase() === "file") {
      throw new TypeError(`Cannot ${action}: field 'file' is reserved for the file`);
    }
    form.append(name, checkText(`fields.${name}`, value, action));
  }
  if (fileName === undefined) form.append("file", file);
  else form.append("file", file, fileName);
  return form;
}
