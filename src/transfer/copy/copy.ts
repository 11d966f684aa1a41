import { isAws } from "../../aws/hosts.ts";
import { type CopyInput, copyObject } from "../../client/operations/copy_object.ts";
import { readAcl } from "../../client/operations/object_acl.ts";
import { changed, parseHead } from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError, NotSupportedError, PermissionDeniedError } from "../../errors.ts";
import { matchesETag } from "../../kit/text/etag.ts";
import { completesUnderConditions } from "../write/condition_support.ts";
import { alreadyExists, refuseExisting, UNLESS_TAKEN } from "../write/marked_write.ts";
import type { PartPlan } from "../write/write_parameters.ts";
import { checkSendable, copiedHeaders, copyInParts, type CopySource, refuseSmall } from "./multipart_copy.ts";

/** Conditions of a copy, and how it is made. */
export interface CopyConditions {
  /** Whether an object with the new key may be replaced. */
  readonly overwrite: boolean;
  /** The ETag that the source must have. */
  readonly ifMatch?: string | undefined;
  /** The client of the source, if it is another one: then the copy has the ACL and the storage class of the target. */
  readonly sourceClient?: S3Client | undefined;
  /** Attributes that the copy does not take from the source. */
  readonly changes?: AttributeChanges | undefined;
  /** Whether the source is deleted afterwards. */
  readonly deletesSource?: boolean | undefined;
  /** How an object is copied in parts. */
  readonly plan?: PartPlan | undefined;
}

/** Attributes that replace those of the source of a copy. */
export interface AttributeChanges {
  /** Headers; the value `undefined` removes the one of the source. */
  readonly headers: RequestHeaders;
  /** Whether none of the source's metadata is kept. */
  readonly replacesMetadata: boolean;
}

/** Headers of the source that CopyObject does not copy. */
const NOT_COPIED = ["x-amz-storage-class", "x-amz-website-redirect-location"];

/** Headers of an object that S3 would not keep if the object is copied onto itself. */
const ENCRYPTION = [
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-bucket-key-enabled",
];
const LEGAL_HOLD = "x-amz-object-lock-legal-hold";
const RETENTION = ["x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"];

/**
 * Copies an object, in parts if it is too large for one request. A copy within a bucket has its ACL and its storage class,
 * unless the headers set others. The source and the copy may be the same object, whose attributes then change.
 *
 * Where nothing may be replaced, AWS ensures that itself. Other services may ignore the condition on CopyObject: there a
 * multipart upload copies the object if the service honours conditions on it; otherwise it is read and stored again.
 *
 * @throws {AlreadyExistsError} If the new key exists and may not be overwritten.
 * @throws {PreconditionFailedError} If the source is not the expected version.
 * @throws {NotSupportedError} If the service has no safe way to copy an object of this size.
 */
export async function copy(client: S3Client, input: CopyInput, conditions: CopyConditions): Promise<void> {
  const { source: from, headers = {}, bucket, key, signal } = input;
  const { ifMatch, changes, sourceClient = client } = conditions;
  const source = await readSource(sourceClient, { bucket, signal, ...from });
  if (ifMatch !== undefined && !matchesETag(ifMatch, source.etag)) throw changed(source.target);
  const isInPlace = source.target.bucket === bucket && from.key === key;
  const isWithin = conditions.sourceClient === undefined || isInPlace;
  const hasAcl = Object.keys(headers).some((name) => /^x-amz-(acl|grant-.*)$/.test(name));
  const acl = hasAcl || !isWithin ? {} : await readAcl(client, source.target);
  const kept = keptHeaders(source.headers, [
    ...(isWithin ? NOT_COPIED : []),
    ...(isInPlace ? namesInPlace(source.headers, headers) : []),
  ]);
  const copy: CopyInput = {
    ...input,
    headers: { ...kept, ...acl, ...headers },
    // S3 copies an object onto itself only if its attributes are given.
    described: isInPlace || changes !== undefined ? changedHeaders(source, changes) : undefined,
  };
  try {
    const remains = !isInPlace && conditions.deletesSource !== true;
    await copyKeeping(client, copy, { ...source, remains }, conditions, isInPlace);
  } catch (error) {
    throw Object.keys(acl).length > 0 ? explainAcl(error, key) : error;
  }
}

/** The headers of an object that a copy onto itself has to repeat: its encryption, unless another is given, and its lock. */
function namesInPlace(source: Headers, given: RequestHeaders): string[] {
  const isEncrypted = Object.keys(given).some((name) => name.startsWith(ENCRYPTION[0]!));
  const isRetained = Date.parse(source.get(RETENTION[1]!) ?? "") > Date.now(); // S3 refuses a date in the past
  return [
    ...(isEncrypted ? [] : ENCRYPTION),
    ...(source.get(LEGAL_HOLD) === "ON" ? [LEGAL_HOLD] : []),
    ...(isRetained ? RETENTION : []),
  ];
}

/**
 * The headers that describe the copy.
 *
 * @throws {NotSupportedError} If metadata of the source would be lost.
 */
function changedHeaders({ headers, target }: CopySource, changes?: AttributeChanges): RequestHeaders {
  const { replacesMetadata = false } = changes ?? {};
  const missing = replacesMetadata ? 0 : Number(headers.get("x-amz-missing-meta") ?? 0);
  if (missing > 0) {
    throw new NotSupportedError(
      `Cannot change attributes of '${target.key}': headers cannot carry ${missing} entries of its metadata. Pass metadata`,
      { bucket: target.bucket, key: target.key },
    );
  }
  const copied = Object.entries(copiedHeaders(headers));
  const kept = replacesMetadata ? copied.filter(([name]) => !name.startsWith("x-amz-meta-")) : copied;
  return checkSendable({ ...Object.fromEntries(kept), ...changes?.headers }, target);
}

/** Adds advice to a failure that the ACL of the copy may have caused. */
function explainAcl(error: unknown, key: string): unknown {
  const isDenied = isStorageError(error, "PermissionDenied") ||
    (isStorageError(error) && error.s3Code === "AccessControlListNotSupported");
  if (!isDenied) return error;
  return new PermissionDeniedError(
    `${error.message}. Copying the ACL of the source to '${key}' needs s3:PutObjectAcl; to use another ACL, set defaultAcl ` +
      "or objectParameters.ACL",
    { ...error, response: error.response, cause: error },
  );
}

async function copyKeeping(
  client: S3Client,
  copy: CopyInput,
  source: CopySource,
  conditions: CopyConditions,
  isInPlace: boolean,
): Promise<void> {
  const { bucket, key, signal, parameters } = copy;
  const target = { bucket, key, signal, parameters };
  const { overwrite } = conditions;
  if (overwrite || isAws(client.settings)) return await copyOnServer(client, copy, source, conditions, isInPlace);
  const isLarge = source.size > client.settings.transferConfig.multipartThreshold;
  if (isLarge && await completesUnderConditions(client, target)) {
    return void await copyInParts(client, copy, source, UNLESS_TAKEN, conditions.plan).catch((error) =>
      explainTaken(client, target, error)
    );
  }
  await refuseExisting(client, target); // before its bytes are transferred
  const { copyByReading } = await import("./copy_by_reading.ts");
  await copyByReading(client, copy, source);
}

async function readSource(client: S3Client, target: CopySource["target"]): Promise<CopySource> {
  const { read, versionId } = target.parameters ?? {};
  const request = { operation: "HeadObject", method: "HEAD", ...target, query: { versionId }, headers: read } as const;
  const headers = await client.send(request);
  const { size, etag } = parseHead(headers, "HeadObject", target);
  return { client, target, headers, size, etag };
}

function keptHeaders(source: Headers, names: readonly string[]): RequestHeaders {
  const kept = names.map((name) => [name, source.get(name) ?? undefined]);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined && value !== "STANDARD"));
}

async function copyOnServer(
  client: S3Client,
  copy: CopyInput,
  source: CopySource,
  { overwrite, ifMatch, plan, sourceClient }: CopyConditions,
  isInPlace: boolean,
): Promise<void> {
  const { bucket, key, signal, parameters } = copy;
  const target = { bucket, key, signal, parameters };
  // An object that was stored meanwhile is not replaced by the one before it. Other services may refuse the header.
  const unlessChanged = isInPlace && isAws(client.settings) ? { "if-match": source.etag || undefined } : {};
  const condition = overwrite ? unlessChanged : UNLESS_TAKEN;
  // The attributes of one version must not be combined with the bytes of another one; nor is the object copied that the
  // credentials of the target find under the name of the source, if it is another one.
  const isPinned = copy.described !== undefined || sourceClient !== undefined;
  const expected = ifMatch || (isPinned && source.etag) || undefined;
  try {
    await copyObject(client, { ...copy, condition: { ...condition, "x-amz-copy-source-if-match": expected } });
  } catch (error) {
    if (!isStorageError(error)) throw error;
    // S3 and other services respond this way for an object larger than 5 GiB.
    if (/^(EntityTooLarge|Invalid(Request|Argument))$/.test(error.s3Code ?? "")) {
      refuseSmall(source, error);
      return void await copyInParts(client, copy, source, condition, plan).catch((error) =>
        overwrite ? Promise.reject(error) : explainTaken(client, target, error)
      );
    }
    if (overwrite) throw error;
    await explainTaken(client, target, error);
  }
}

/** Throws AlreadyExistsError if a condition failed for the target and not for the source. */
async function explainTaken(
  client: S3Client,
  target: Parameters<typeof refuseExisting>[1],
  error: unknown,
): Promise<never> {
  if (!isStorageError(error, "PreconditionFailed")) throw error;
  try {
    await refuseExisting(client, target);
  } catch (found) {
    throw isStorageError(found, "AlreadyExists") ? alreadyExists(target, error) : found;
  }
  throw error;
}
