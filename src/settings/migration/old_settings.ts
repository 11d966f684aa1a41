import { formatValue } from "../../kit/values/format_value.ts";

interface OldSetting {
  /** The setting that replaces it. */
  readonly to?: string;
  readonly advice: string;
}

/**
 * The removed settings of the boto backend and of the first boto3 backends of django-storages. If several convert to
 * the same new setting, the first takes precedence. Source: django-storages, "Migrating from Boto to Boto3", and its
 * changelog.
 */
export const OLD_SETTINGS: ReadonlyMap<string, OldSetting> = new Map<string, OldSetting>([
  ["AWS_HEADERS", {
    to: "AWS_S3_OBJECT_PARAMETERS",
    advice: "Use AWS_S3_OBJECT_PARAMETERS, with the names of parameters: Cache-Control is CacheControl.",
  }],
  ["AWS_S3_ENCRYPTION", {
    to: "AWS_S3_OBJECT_PARAMETERS",
    advice: 'Use AWS_S3_OBJECT_PARAMETERS with ServerSideEncryption: "AES256".',
  }],
  ["AWS_REDUCED_REDUNDANCY", {
    to: "AWS_S3_OBJECT_PARAMETERS",
    advice: 'Use AWS_S3_OBJECT_PARAMETERS with StorageClass: "REDUCED_REDUNDANCY".',
  }],
  ["AWS_ORIGIN", {
    to: "AWS_S3_REGION_NAME",
    advice: "Use AWS_S3_REGION_NAME.",
  }],
  ["AWS_S3_CALLING_FORMAT", {
    to: "AWS_S3_ADDRESSING_STYLE",
    advice: 'Use AWS_S3_ADDRESSING_STYLE: "virtual" for VHostCallingFormat, "path" for OrdinaryCallingFormat.',
  }],
  ["AWS_S3_HOST", {
    to: "AWS_S3_ENDPOINT_URL",
    advice: "Use AWS_S3_ENDPOINT_URL, and AWS_S3_REGION_NAME; on AWS the region alone is enough.",
  }],
  ["AWS_S3_PORT", {
    to: "AWS_S3_ENDPOINT_URL",
    advice: "Use AWS_S3_ENDPOINT_URL, which holds the port.",
  }],
  ["AWS_S3_PROXY_HOST", {
    to: "AWS_S3_PROXIES",
    advice: 'Use AWS_S3_PROXIES: { http: "host:port", https: "host:port" }.',
  }],
  ["AWS_S3_PROXY_PORT", {
    to: "AWS_S3_PROXIES",
    advice: "Use AWS_S3_PROXIES, which holds the port; without AWS_S3_PROXY_HOST there is no proxy.",
  }],
  ["AWS_S3_SECURE_URLS", {
    to: "AWS_S3_URL_PROTOCOL",
    advice: 'Use AWS_S3_URL_PROTOCOL: "https:" or "http:".',
  }],
  ["S3_USE_SIGV4", {
    advice: "Leave it out: requests and URLs are signed with s3v4. " +
      'For servers that need signatures of version 2, set AWS_S3_SIGNATURE_VERSION to "s3".',
  }],
  ["AWS_S3_USE_THREADS", {
    to: "AWS_S3_TRANSFER_CONFIG",
    advice: "Use AWS_S3_TRANSFER_CONFIG: { maxConcurrency: 1 }, which sends one part at a time.",
  }],
  ["AWS_S3_FILE_BUFFER_SIZE", {
    to: "AWS_S3_TRANSFER_CONFIG",
    advice: "Use AWS_S3_TRANSFER_CONFIG: { partSize }, of at least 5242880 bytes.",
  }],
  ["AWS_PRELOAD_METADATA", { advice: "Leave it out: list() returns the size and date of every file." }],
  ["AWS_AUTO_CREATE_BUCKET", {
    advice: "Leave it out, and create the bucket first: a storage does not create buckets.",
  }],
  ["AWS_BUCKET_ACL", { advice: "Leave it out, and set the ACL or policy when you create the bucket." }],
  ["AWS_S3_FILE_NAME_CHARSET", { advice: "Leave it out: names are UTF-8, the only encoding of S3." }],
  ["DEFAULT_FILE_STORAGE", { advice: "Leave it out: create an S3Storage for files." }],
  ["STATICFILES_STORAGE", { advice: "Leave it out: create an S3Storage for static files." }],
]);

/**
 * Returns advice on a setting of the old boto backend.
 *
 * @param name A setting's name, or an environment variable's.
 * @returns The advice, or `undefined` if it is not an old setting.
 * @throws {TypeError} If the name is not text.
 *
 * @example
 * ```ts
 * import { oldSettingAdvice } from "@storages/s3/migration";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(oldSettingAdvice("AWS_ORIGIN"), "AWS_ORIGIN was removed. Use AWS_S3_REGION_NAME.");
 * assertEquals(oldSettingAdvice("AWS_S3_REGION_NAME"), undefined);
 * ```
 */
export function oldSettingAdvice(name: string): string | undefined {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot advise on a setting: its name must be text, got ${formatValue(name)}`);
  }
  const old = OLD_SETTINGS.get(name);
  return old && `${name} was removed. ${old.advice}`;
}
