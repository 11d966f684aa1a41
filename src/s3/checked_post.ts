import {
  createPresignedPost,
  type PresignedPost,
  type PresignedPostOptions,
} from "../signing/presign/presigned_post.ts";
import { checkDescription } from "../storage/contract/header_values.ts";

/** Fields that describe the file, by the options of `save` that they stand for. */
const OPTIONS: Readonly<Record<string, string>> = {
  "content-type": "contentType",
  "content-encoding": "contentEncoding",
  "cache-control": "cacheControl",
  "content-disposition": "contentDisposition",
  "content-language": "contentLanguage",
};

const METADATA = "x-amz-meta-";

/**
 * Signs a form whose fields describe the file as the options of `save` could: what a form can carry and no header can
 * would be stored all the same.
 *
 * @throws {TypeError} If no header could carry a value, or a field or a condition is malformed.
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
