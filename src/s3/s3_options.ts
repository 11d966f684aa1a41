import { formatValue } from "../kit/values/format_value.ts";
import { checkInteger } from "../kit/values/integer.ts";
import { isRecord } from "../kit/values/record.ts";
import { type ObjectParameters, TRANSFER_CONFIG } from "../settings/options.ts";
import { encodeQuery } from "../signing/encode.ts";
import type { BackendOptionNames } from "../storage/contract/backend.ts";
import type { PartPlan } from "../transfer/write/write_parameters.ts";
import { headerText, parameterHeaders } from "./object_parameters.ts";

/**
 * How an {@linkcode S3Storage} reads a file, besides the options of every storage.
 *
 * @example
 * ```ts
 * import { type S3ReadOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const { versionId } = await storage.save("a.txt", "first", { details: true });
 * await storage.save("a.txt", "second");
 *
 * const options: S3ReadOptions = { versionId };
 * assertEquals(await storage.readText("a.txt", options), "first");
 * ```
 */
export interface S3ReadOptions {
  /**
   * The version to read.
   * @default {the newest one}
   */
  readonly versionId?: string | undefined;
  /** Parameters of this call, such as `RequestPayer` and `SSECustomerKey`. They take precedence over the storage's. */
  readonly objectParameters?: ObjectParameters | undefined;
}

/**
 * How an {@linkcode S3Storage} reads a file's attributes: in `stat`, `size`, `exists` and `getModifiedTime`.
 *
 * @example
 * ```ts
 * import { type S3HeadOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const { versionId } = await storage.save("a.txt", "first", { details: true });
 * await storage.delete("a.txt");
 *
 * const options: S3HeadOptions = { versionId };
 * assertEquals([await storage.exists("a.txt"), await storage.exists("a.txt", options)], [false, true]);
 * ```
 */
export interface S3HeadOptions extends S3ReadOptions {}

/**
 * How an {@linkcode S3Storage} writes or copies a file, besides the options of every storage. A copy keeps what is not given
 * here; an empty text removes it.
 *
 * @example
 * ```ts
 * import { S3Storage, type S3WriteOptions } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const options: S3WriteOptions = { storageClass: "STANDARD_IA", tagging: { team: "web", stage: "live" } };
 * await storage.save("a.txt", "hello", options);
 * assertEquals((await storage.stat("a.txt")).storageClass, "STANDARD_IA");
 * ```
 */
export interface S3WriteOptions {
  /** The storage class, such as `"STANDARD_IA"`. */
  readonly storageClass?: ObjectParameters["StorageClass"];
  /**
   * A canned ACL, such as `"public-read"`.
   * @default {that of the storage's `objectParameters`, else its `defaultAcl`}
   */
  readonly acl?: ObjectParameters["ACL"];
  /** Tags, at most 10: names with values, or a query string such as `"team=web&stage=live"`. */
  readonly tagging?: Readonly<Record<string, string>> | string | undefined;
  /** The encryption on the server: `"AES256"`, `"aws:kms"` or `"aws:kms:dsse"`. */
  readonly serverSideEncryption?: ObjectParameters["ServerSideEncryption"];
  /** The id or the ARN of the KMS key, with `serverSideEncryption: "aws:kms"`. */
  readonly kmsKeyId?: string | undefined;
  /** Parameters of this call. They take precedence over the storage's, and the other options over both. */
  readonly objectParameters?: ObjectParameters | undefined;
  /**
   * The size in bytes of each part except the last, from 5 MiB to 5 GiB. Smaller content is sent as a whole.
   * @default {the storage's `transferConfig.partSize`}
   */
  readonly partSize?: number | undefined;
  /**
   * Parts that are sent at the same time, from 1 to 1000.
   * @default {the storage's `transferConfig.maxConcurrency`}
   */
  readonly maxConcurrency?: number | undefined;
}

/**
 * How an {@linkcode S3Storage} deletes a file, besides the options of every storage.
 *
 * @example
 * ```ts
 * import { type S3DeleteOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * await storage.save("a.txt", "first");
 * const { versionId } = await storage.save("a.txt", "second", { details: true });
 *
 * const options: S3DeleteOptions = { versionId };
 * await storage.delete("a.txt", options);
 * assertEquals(await storage.readText("a.txt"), "first");
 * ```
 */
export interface S3DeleteOptions {
  /**
   * The version to delete for good. The version before it becomes the newest one.
   * @default {none: a versioned bucket keeps all versions and adds a delete marker}
   */
  readonly versionId?: string | undefined;
}

/**
 * The options that the calls of an {@linkcode S3Storage} take besides those of every storage.
 *
 * @example
 * ```ts
 * import type { S3CallOptions } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const write: S3CallOptions["write"] = { storageClass: "GLACIER_IR", partSize: 64 * 1024 ** 2 };
 * assertEquals(write.storageClass, "GLACIER_IR");
 * ```
 */
export interface S3CallOptions {
  /** Of `open` to read, `readText`, `readBytes`, `readJson`, `download` and `downloadTo`. */
  readonly read: S3ReadOptions;
  /** Of `save`, `open` to write, `copy`, `move`, and `copyTo` to such a storage. */
  readonly write: S3WriteOptions;
  /** Of `stat`, `size`, `exists` and `getModifiedTime`. */
  readonly head: S3HeadOptions;
  /** Of `delete`. */
  readonly delete: S3DeleteOptions;
}

/** The options of any call. */
export type AnyCallOptions = S3ReadOptions & S3WriteOptions;

/** Options with the parameter of S3 that each of them sets. */
const PARAMETER_OF = {
  versionId: "VersionId",
  storageClass: "StorageClass",
  acl: "ACL",
  tagging: "Tagging",
  serverSideEncryption: "ServerSideEncryption",
  kmsKeyId: "SSEKMSKeyId",
} as const satisfies { readonly [Name in keyof AnyCallOptions]: keyof ObjectParameters };

const OPTIONS = Object.keys(PARAMETER_OF) as readonly (keyof typeof PARAMETER_OF)[];

const READ = ["versionId", "objectParameters"];

/** The names of the options; a test compares them with the interfaces. */
export const S3_CALL_OPTIONS: BackendOptionNames & Readonly<Record<keyof S3CallOptions, readonly string[]>> = {
  read: READ,
  write: [...OPTIONS.slice(1), "objectParameters", "partSize", "maxConcurrency"],
  head: READ,
  delete: ["versionId"],
};

/**
 * Adds the options of a call to the configured parameters.
 *
 * @param action What the call does to the object of that key, for messages: `read`.
 * @returns The same object if the call has no such options, as its headers are kept.
 * @throws {TypeError} If an option, or one of its `objectParameters`, has an invalid value.
 */
export function withCallOptions(
  configured: ObjectParameters,
  options: AnyCallOptions,
  action: string,
  key: string,
): ObjectParameters {
  const refuse = (message: string): Error => new TypeError(`Cannot ${action} '${key}': ${message}`);
  let own: Record<string, unknown> | undefined;
  const given = options.objectParameters;
  if (given !== undefined) {
    if (!isRecord(given)) throw refuse(`objectParameters must be an object, got ${formatValue(given)}`);
    parameterHeaders(given, "write", (message) => refuse(`objectParameters: ${message}`));
    if (action !== "read" && given.VersionId !== undefined) {
      throw refuse("objectParameters.VersionId is for reading only");
    }
    own = { ...configured };
    for (const [name, value] of Object.entries(given)) if (value !== undefined) own[name] = value;
  }
  for (const name of OPTIONS) {
    const value = options[name];
    if (value === undefined) continue;
    if (value === "" && name === "versionId") throw refuse(`versionId must be the id of a version, got ""`);
    (own ??= { ...configured })[PARAMETER_OF[name]] = name === "tagging" && isRecord(value)
      ? tagQuery(value, refuse)
      : headerText(name, value, refuse);
  }
  return own as ObjectParameters | undefined ?? configured;
}

/** Tags as a query string. */
function tagQuery(tags: object, refuse: (message: string) => Error): string {
  return encodeQuery(
    Object.entries(tags).map(([name, value]): [string, string] => {
      if (typeof value === "string" && name.isWellFormed() && value.isWellFormed()) return [name, value];
      throw refuse(`tagging.${name} must be a string, got ${formatValue(value)}`);
    }),
  );
}

/**
 * Adds the part size and the concurrency of a call to the configured plan.
 *
 * @throws {RangeError} If one of them is out of range.
 */
export function withCallPlan<Plan extends PartPlan>(plan: Plan, options: S3WriteOptions, key: string): Plan {
  const { partSize = plan.partSize, maxConcurrency = plan.maxConcurrency } = options;
  if (partSize === plan.partSize && maxConcurrency === plan.maxConcurrency) return plan;
  const check = (name: "partSize" | "maxConcurrency", value: number): void => {
    checkInteger(`Cannot write '${key}': ${name}`, value, TRANSFER_CONFIG[name].least, TRANSFER_CONFIG[name].most);
  };
  check("partSize", partSize);
  check("maxConcurrency", maxConcurrency);
  return { ...plan, partSize, maxConcurrency, multipartThreshold: options.partSize ?? plan.multipartThreshold };
}
