import { checkCredentials, type Credentials } from "../../aws/credentials.ts";
import { encodeBase64, encodeHex, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { asciiJson } from "../../kit/text/ascii_json.ts";
import { plainHmacKey } from "../sha256.ts";
import { invalidArgument, type NoneMissing } from "../../kit/values/argument.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { checkBucketUrl, checkDate, checkExpiry, checkKey, checkSetting, checkText, checkTexts } from "./checks.ts";
import { amzDate } from "../../aws/amz_values.ts";
import { credentialScope, signingKey } from "../signing_key.ts";

/** The placeholder in a key for the name of the uploaded file. */
const FILE_NAME = "${filename}";

/** Fields that cannot be given, as they come from other options or from signing. */
const OWN_FIELDS = /^(key|bucket|file|policy|x-amz-(algorithm|credential|date|security-token|signature))$/i;

/**
 * A condition that an uploaded form must fulfil. `{ acl: "private" }` and `["eq", "$acl", "private"]` require the value
 * of a field, `["starts-with", "$Content-Type", "image/"]` requires its start, and `["content-length-range", 1,
 * 10485760]` limits the size of the file in bytes. A start of `""` allows any value.
 *
 * Source: AWS, "POST Policy".
 *
 * @example
 * ```ts
 * import { createPresignedPost, type PostCondition } from "@storages/s3/signing";
 * import { assertEquals } from "@std/assert";
 *
 * const conditions: PostCondition[] = [
 *   ["starts-with", "$Content-Type", "image/"],
 *   ["content-length-range", 1, 10 * 1024 ** 2],
 * ];
 * const { policy } = createPresignedPost({
 *   bucketUrl: "http://localhost:9000/media",
 *   bucket: "media",
 *   key: "avatars/7",
 *   region: "us-east-1",
 *   credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
 *   conditions,
 * });
 * assertEquals(JSON.parse(policy).conditions[1], ["content-length-range", 1, 10485760]);
 * ```
 */
export type PostCondition =
  | Readonly<Record<string, string>>
  | readonly [operator: "eq" | "starts-with", field: string, value: string]
  | readonly [operator: "content-length-range", leastBytes: number, mostBytes: number];

/**
 * The bucket, the key, the credentials and the conditions of an upload form.
 *
 * @example
 * ```ts
 * import { createPresignedPost, type PresignedPostOptions } from "@storages/s3/signing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: PresignedPostOptions = {
 *   bucketUrl: "https://media.s3.eu-west-1.amazonaws.com",
 *   bucket: "media",
 *   key: "uploads/${filename}", // the browser's name for the file
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
 *   fields: { success_action_status: "201" },
 * };
 * assertEquals(createPresignedPost(options).fields.key, "uploads/${filename}");
 * ```
 */
export interface PresignedPostOptions {
  /** The URL of the bucket: `https://media.s3.eu-west-1.amazonaws.com`, `http://localhost:9000/media`. */
  readonly bucketUrl: string | URL;
  /** The bucket's name, which becomes part of the policy. */
  readonly bucket: string;
  /** The object's key, not percent-encoded. `${filename}` in it is replaced with the name of the uploaded file. */
  readonly key: string;
  /** The region, such as `"eu-west-1"`. */
  readonly region: string;
  /** The credentials to sign with. */
  readonly credentials: Credentials;
  /** Fields of the form in addition to the key: `Content-Type`, `acl`, `success_action_status`, `x-amz-meta-…`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** Further conditions. A field of `fields` that no condition names must have exactly its value. */
  readonly conditions?: readonly PostCondition[] | undefined;
  /**
   * How long the form is valid, in seconds: from 1 to 604800, which is seven days.
   * @default {3600}
   */
  readonly expiresIn?: number | undefined;
  /**
   * The time that `expiresIn` is counted from.
   * @default {new Date()}
   */
  readonly date?: Date | undefined;
}

/** The names of the options of a form. */
const POST_OPTIONS = [
  "bucketUrl",
  "bucket",
  "key",
  "region",
  "credentials",
  "fields",
  "conditions",
  "expiresIn",
  "date",
] as const satisfies readonly (keyof PresignedPostOptions)[];
type _PostOptions = NoneMissing<Exclude<keyof PresignedPostOptions, typeof POST_OPTIONS[number]>>;

/**
 * A signed form without its file: for {@linkcode presignedPostForm}, or to send to a browser as JSON.
 *
 * @example
 * ```ts
 * import { createPresignedPost, type PresignedPost } from "@storages/s3/signing";
 * import { assertEquals } from "@std/assert";
 *
 * const post: PresignedPost = createPresignedPost({
 *   bucketUrl: "http://localhost:9000/media",
 *   bucket: "media",
 *   key: "a.txt",
 *   region: "us-east-1",
 *   credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
 * });
 * assertEquals(post.url, "http://localhost:9000/media/");
 * ```
 */
export interface PresignedPost {
  /** The URL to send the form to, with POST and as `multipart/form-data`. */
  readonly url: string;
  /** The fields of the form. All must come before the file. */
  readonly fields: Readonly<Record<string, string>>;
  /** The signed policy as JSON, for logs and tests; the form has it in `fields`. */
  readonly policy: string;
}

/**
 * Signs a form with which a browser uploads a file directly into the bucket, within the limits of the policy.
 *
 * Source: AWS, "Browser-Based Uploads Using POST (AWS Signature Version 4)". The fields and the policy equal
 * those of botocore byte for byte.
 *
 * @param options The bucket, the key, the credentials and the conditions.
 * @returns The URL to send the form to, and its fields.
 * @throws {RangeError} If `expiresIn` or `date` is out of range.
 * @throws {TypeError} If an option is unknown, missing or of the wrong type, the key, a field or a condition is
 * malformed, or a field is one that this function adds.
 *
 * @example
 * ```ts
 * import { createPresignedPost, presignedPostForm } from "@storages/s3/signing";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] }); // instead of a real one
 * const post = createPresignedPost({
 *   bucketUrl: "http://localhost:9000/media",
 *   bucket: "media",
 *   key: "avatars/7.png",
 *   region: "us-east-1",
 *   credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
 *   fields: { "Content-Type": "image/png", success_action_status: "201" },
 *   conditions: [["content-length-range", 1, 1024 ** 2]],
 * });
 *
 * const body = presignedPostForm(post, new Blob(["the picture"]));
 * const response = await server.fetch(new Request(post.url, { method: "POST", body }));
 * assertEquals(response.status, 201);
 * ```
 */
export function createPresignedPost(options: PresignedPostOptions): PresignedPost {
  const action = typeof options?.key === "string" ? `sign form for '${options.key}'` : "sign form";
  checkOptions(action, options, POST_OPTIONS);
  const { credentials, fields = {}, conditions = [], expiresIn = 3600, date = new Date() } = options;
  const { origin, path } = checkBucketUrl(options.bucketUrl, action);
  const bucket = checkSetting("bucket", options.bucket, action);
  const region = checkSetting("region", options.region, action);
  const key = checkKey(options.key, action);
  checkCredentials(credentials, action);
  checkFields(fields, action);
  if (!Array.isArray(conditions)) throw invalidArgument(action, "conditions", "an array", conditions);
  for (const condition of conditions) checkCondition(condition, action);

  const { accessKeyId, sessionToken } = credentials;
  const dateTime = amzDate(checkDate(date, action));
  const day = dateTime.slice(0, 8);
  const own = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `${accessKeyId}/${credentialScope(day, region, "s3")}`,
    "x-amz-date": dateTime,
    ...(!sessionToken ? {} : { "x-amz-security-token": sessionToken }),
  };
  const nameAt = key.indexOf(FILE_NAME);
  const restricted = new Set(conditions.flatMap(fieldsOf));
  const expiration = new Date(date.getTime() + checkExpiry(expiresIn, action) * 1000);
  const policy = pythonJson({
    expiration: expiration.toISOString().replace(/\.\d{3}/, ""),
    conditions: [
      ...conditions,
      ...single(fields).filter((condition) => !fieldsOf(condition).some((name) => restricted.has(name))),
      { bucket },
      nameAt === -1 ? { key } : ["starts-with", "$key", key.slice(0, nameAt)],
      ...single(own),
    ],
  });
  const encoded = encodeBase64(encodeUtf8(policy));
  const signature = encodeHex(signingKey(credentials, day, region, "s3", plainHmacKey).sign(encoded));
  return {
    url: origin + path,
    fields: { ...fields, key, ...own, policy: encoded, "x-amz-signature": signature },
    policy,
  };
}

/** Returns one condition for each name and value. */
function single(values: Readonly<Record<string, string>>): Array<Readonly<Record<string, string>>> {
  return Object.entries(values).map(([name, value]) => ({ [name]: value }));
}

/** Returns the fields that a condition names, in lower case. */
function fieldsOf(condition: PostCondition): string[] {
  const names = Array.isArray(condition) ? [String(condition[1]).slice(1)] : Object.keys(condition);
  return names.map((name) => name.toLowerCase());
}

function checkFields(fields: Readonly<Record<string, string>>, action: string): void {
  checkTexts("fields", fields, action);
  const names = new Set<string>();
  for (const [name, value] of Object.entries(fields)) {
    if (OWN_FIELDS.test(name)) throw new TypeError(`Cannot ${action}: field '${name}' is set by this function`);
    const lower = name.toLowerCase(); // S3 ignores the case of field names
    if (names.has(lower)) throw new TypeError(`Cannot ${action}: field '${name}' is given twice`);
    names.add(lower);
    checkText(`fields.${name}`, value, action);
  }
}

function checkCondition(condition: PostCondition, action: string): void {
  if (Array.isArray(condition)) {
    const [operator, first, second] = condition;
    if (operator === "content-length-range") {
      if (isInteger(first) && isInteger(second, first)) return;
    } else if (/^(eq|starts-with)$/.test(operator) && /^\$./.test(first) && typeof second === "string") return;
  } else if (Object(condition) === condition && Object.values(condition).every((value) => typeof value === "string")) {
    return;
  }
  const got = JSON.stringify(condition, (_, value) => typeof value === "bigint" ? `${value}n` : value);
  throw new TypeError(`Cannot ${action}: invalid condition ${got}`);
}

/**
 * Writes JSON as Python does, with spaces after separators and in ASCII, so that signatures equal those of botocore.
 */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value).map((entry) => entry.map(pythonJson).join(": ")).join(", ")}}`;
  }
  return asciiJson(value);
}
