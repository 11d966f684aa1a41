import type { RequestHeaders } from "../client/request.ts";
import { ConfigurationError } from "../errors.ts";
import type { Settings } from "../settings/resolve.ts";
import { awsDomainOf } from "../aws/partitions.ts";
import { encodeQuery } from "../signing/encode.ts";
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

/** The header and field of the payer. */
const PAYER = "x-amz-request-payer";

/**
 * Signs a form, whose fields must satisfy the same rules as the options of `save`: S3 would store values of a form that
 * headers cannot carry. A bucket whose requesters pay refuses a form without the field that says so.
 *
 * @param configured The headers of the storage's parameters.
 * @throws {ConfigurationError} If `signatureVersion` is not `"s3v4"`.
 * @throws {TypeError} If a header cannot carry a value, or a field or a condition is malformed.
 */
export function createCheckedPost(
  options: PresignedPostOptions,
  { signatureVersion }: Pick<Settings, "signatureVersion">,
  configured: RequestHeaders = {},
): PresignedPost {
  if (signatureVersion !== "s3v4") {
    throw new ConfigurationError(`Cannot sign a form: signatureVersion must be "s3v4", got "${signatureVersion}"`);
  }
  const described: Record<string, string> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.fields ?? {})) {
    const lower = name.toLowerCase();
    if (lower.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = value;
    else if (Object.hasOwn(OPTIONS, lower)) described[OPTIONS[lower]!] = value;
  }
  checkDescription(`Cannot sign a form for '${options.key}'`, { ...described, metadata });
  const payer = configured[PAYER];
  const isGiven = Object.keys(options.fields ?? {}).some((name) => name.toLowerCase() === PAYER);
  if (payer === undefined || isGiven) return createPresignedPost(options);
  const post = createPresignedPost({ ...options, fields: { ...options.fields, [PAYER]: payer } });
  // Ceph RGW looks for the payer in the query only.
  return awsDomainOf(new URL(post.url).hostname) === undefined
    ? { ...post, url: `${post.url}?${encodeQuery([[PAYER, payer]])}` }
    : post;
}
