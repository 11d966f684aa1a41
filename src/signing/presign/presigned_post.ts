import { checkCredentials, type Credentials } from "../../aws/credentials.ts";
import { encodeBase64, encodeHex, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { asciiJson } from "../../kit/text/ascii_json.ts";
import { plainHmacKey } from "../sha256.ts";
import { checkBucketUrl, checkDate, checkExpiry, checkKey, checkSetting, checkText } from "./checks.ts";
import { amzDate } from "../../aws/amz_values.ts";
import { credentialScope, signingKey } from "../signing_key.ts";

/** Stands in a key for the name of the file that the browser sends. */
const FILE_NAME = "${filename}";

/** Fields that come from elsewhere. */
const OWN_FIELDS = /^(key|bucket|file|policy|x-amz-(algorithm|credential|date|security-token|signature))$/i;

/**
 * What a form has to fulfil: `{ acl: "private" }` and `["eq", "$acl", "private"]` ask for a field's value,
 * `["starts-with", "$Content-Type", "image/"]` for its start, `["content-length-range", 1, 10485760]` for the file's
 * size in bytes. A start of `""` allows any value.
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
 * What a form may upload, and where to.
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
  /** Where the bucket is: `https://media.s3.eu-west-1.amazonaws.com`, `http://localhost:9000/media`. */
  readonly bucketUrl: string | URL;
  /** The bucket's name: the policy has it. */
  readonly bucket: string;
  /** The key of the object, as it is. `${filename}` in it stands for the name of the file that is uploaded. */
  readonly key: string;
  /** The region, such as `"eu-west-1"`. */
  readonly region: string;
  /** What to sign with. */
  readonly credentials: Credentials;
  /** Fields the form has to hold beside the key: `Content-Type`, `acl`, `success_action_status`, `x-amz-meta-…`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** What else it has to fulfil. A field that none of them speaks of has to have exactly its value. */
  readonly conditions?: readonly PostCondition[] | undefined;
  /**
   * For how long it may be used, in seconds: from 1 to 604800, which are seven days.
   * @default {3600}
   */
  readonly expiresInSeconds?: number | undefined;
  /**
   * From when on that counts.
   * @default {new Date()}
   */
  readonly date?: Date | undefined;
}

/**
 * A form, ready to be filled with a file: for {@linkcode presignedPostForm}, or to be sent to a browser as JSON.
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
  /** Where to send the form, with POST and as `multipart/form-data`. */
  readonly url: string;
  /** The form's fields, all of which come before the file. */
  readonly fields: Readonly<Record<string, string>>;
  /** The policy as it was signed, in JSON: for a look at it, not for the form. */
  readonly policy: string;
}

/**
 * Signs a form by which a browser uploads a file straight into the bucket, within what the policy allows.
 *
 * Source: AWS, "Browser-Based Uploads Using POST (AWS Signature Version 4)". The fields and the policy are those of
 * botocore, to the byte.
 *
 * @param options What may be uploaded, and where to.
 * @returns Where to send the form, and its fields.
 * @throws {ConfigurationError} If the bucket, its URL, the region or the credentials are missing or malformed.
 * @throws {RangeError} If `expiresInSeconds` or `date` is out of range.
 * @throws {TypeError} If the key, a field or a condition is malformed, or a field is one that is made here.
 *
 * @example
 * ```ts
 * import { createPresignedPost, presignedPostForm } from "@storages/s3/signing";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] }); // in the place of a real one
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
  const { credentials, fields = {}, conditions = [], expiresInSeconds = 3600, date = new Date() } = options;
  const { origin, path } = checkBucketUrl(options.bucketUrl);
  const bucket = checkSetting("bucket", options.bucket);
  const region = checkSetting("region", options.region);
  const key = checkKey(options.key);
  checkCredentials(credentials);
  checkFields(fields);
  for (const condition of conditions) checkCondition(condition);

  const { accessKeyId, sessionToken } = credentials;
  const dateTime = amzDate(checkDate(date));
  const day = dateTime.slice(0, 8);
  const own = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `${accessKeyId}/${credentialScope(day, region, "s3")}`,
    "x-amz-date": dateTime,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  };
  const nameAt = key.indexOf(FILE_NAME);
  const spokenOf = new Set(conditions.flatMap(fieldsOf));
  const expiration = new Date(date.getTime() + checkExpiry(expiresInSeconds) * 1000);
  const policy = pythonJson({
    expiration: expiration.toISOString().replace(/\.\d{3}/, ""),
    conditions: [
      ...conditions,
      ...single(fields).filter((condition) => !fieldsOf(condition).some((name) => spokenOf.has(name))),
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

/** A condition for each name and value. */
function single(values: Readonly<Record<string, string>>): Array<Readonly<Record<string, string>>> {
  return Object.entries(values).map(([name, value]) => ({ [name]: value }));
}

/** The fields that a condition speaks of, in lower case. */
function fieldsOf(condition: PostCondition): string[] {
  const names = Array.isArray(condition) ? [String(condition[1]).slice(1)] : Object.keys(condition);
  return names.map((name) => name.toLowerCase());
}

function checkFields(fields: Readonly<Record<string, string>>): void {
  const names = new Set<string>();
  for (const [name, value] of Object.entries(fields)) {
    if (OWN_FIELDS.test(name)) throw new TypeError(`The field ${name} cannot be given`);
    const lower = name.toLowerCase(); // S3 reads the names of fields without regard to case
    if (names.has(lower)) throw new TypeError(`The field ${name} cannot be given twice`);
    names.add(lower);
    checkText(`fields.${name}`, value);
  }
}

function checkCondition(condition: PostCondition): void {
  if (Array.isArray(condition)) {
    const [operator, first, second] = condition;
    if (operator === "content-length-range") {
      if (isInteger(first) && isInteger(second, first)) return;
    } else if (/^(eq|starts-with)$/.test(operator) && /^\$./.test(first) && typeof second === "string") return;
  } else if (Object(condition) === condition && Object.values(condition).every((value) => typeof value === "string")) {
    return;
  }
  const shown = JSON.stringify(condition, (_, value) => typeof value === "bigint" ? `${value}n` : value);
  throw new TypeError(`No such condition: ${shown}`);
}

/** JSON as Python writes it, for the same policy has to have the same signature: spaces after separators, and all in ASCII. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value).map((entry) => entry.map(pythonJson).join(": ")).join(", ")}}`;
  }
  return asciiJson(value);
}
