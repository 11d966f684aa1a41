import {
  createPresignedPost,
  type PresignedPost,
  type PresignedPostOptions,
} from "../signing/presign/presigned_post.ts";
import { checkDescription } from "../storage/checks/header_values.ts";

/** The fields that describe the file, with the corresponding options of `save`. */
const OPTIONS: Readonly<Record<string, string>> = {
  "content-type": "contentType",
  "content-encoding": "contentEncoding",
  "cache-control": "cacheControl",
  "content-disposition": "contentDisposition",
  "content-language": "contentLanguage",
};

const METADATA = "x-amz-meta-";

/**
 * Signs a form, whose fields must satisfy the same rules as the options of `save`: S3 would store values of a form that
 * headers cannot carry.
 *
 * @throws {TypeError} If a header cannot carry a value, or a field or a condition is malformed.
 */
export function createCheckedPost(options: PresignedPostOptions): PresignedPost {
  const described: Record<string, string> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.fields ?? {})) {
    const lower = name.toLowerCase();
    if (lower.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = value;
    else if (Object.hasOwn(OPTIONS, lower)) described[OPTIONS[lower]!] = value;
  }
  checkDescription(`Cannot sign a form for '${options.key}'`, { ...described, metadata });
  return createPresignedPost(options);
}
