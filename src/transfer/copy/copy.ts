import { isAws } from "../../aws/hosts.ts";
import { type CopyInput, copyObject } from "../../client/operations/copy_object.ts";
import { readAcl } from "../../client/operations/object_acl.ts";
import { changed, parseHead } from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError, PermissionDeniedError } from "../../errors.ts";
import { matchesETag } from "../../kit/text/etag.ts";
import { completesUnderConditions } from "../write/condition_support.ts";
import { alreadyExists, refuseExisting, UNLESS_TAKEN } from "../write/marked_write.ts";
import type { CopySource } from "./multipart_copy.ts";

/** Conditions of a copy. */
export interface CopyConditions {
  /** Whether an object with the new key may be replaced. */
  readonly overwrite: boolean;
  /** The ETag that the source must have. */
  readonly ifMatch?: string | undefined;
}

/** Headers of the source that CopyObject does not copy. */
const NOT_COPIED = ["x-amz-storage-class", "x-amz-website-redirect-location"];

/**
 * Copies an object within a bucket, in parts if it is too large for one request, with its ACL and its storage class unless
 * the headers set others.
 *
 * Where nothing may be replaced, AWS ensures that itself. Other services may ignore the condition on CopyObject: there a
 * multipart upload copies the object if the service honours conditions on it; otherwise it is read and stored again.
 *
 * @throws {AlreadyExistsError} If the new key exists and may not be overwritten.
 * @throws {PreconditionFailedError} If the source is not the expected version.
 * @throws {NotSupportedError} If the service has no safe way to copy an object of this size.
 */
export async function copy(client: S3Client, input: CopyInput, conditions: CopyConditions): Promise<void> {
  const { source: from, headers = {}, ...target } = input;
  const source = await readSource(client, { ...target, ...from });
  const { ifMatch } = conditions;
  if (ifMatch !== undefined && !matchesETag(ifMatch, source.etag)) throw changed(from as typeof source.target);
  const hasAcl = Object.keys(headers).some((name) => /^x-amz-(acl|grant-.*)$/.test(name));
  const acl = hasAcl ? {} : await readAcl(client, source.target);
  const copy = { ...input, headers: { ...keptHeaders(source.headers), ...acl, ...headers } };
  try {
    await copyKeeping(client, copy, source, conditions);
  } catch (error) {
    throw Object.keys(acl).length > 0 ? explainAcl(error, target.key) : error;
  }
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
): Promise<void> {
  const { source: _source, headers: _headers, ...target } = copy;
  const { overwrite } = conditions;
  if (overwrite || isAws(client.settings)) return await copyOnServer(client, copy, source, conditions);
  const isLarge = source.size > client.settings.transferConfig.multipartThreshold;
  if (isLarge && await completesUnderConditions(client, target)) {
    const { copyInParts } = await import("./multipart_copy.ts");
    return void await copyInParts(client, copy, source, UNLESS_TAKEN).catch((error) =>
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
  return { target, headers, size, etag };
}

function keptHeaders(source: Headers): RequestHeaders {
  const kept = NOT_COPIED.map((name) => [name, source.get(name) ?? undefined]);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined && value !== "STANDARD"));
}

async function copyOnServer(
  client: S3Client,
  copy: CopyInput,
  source: CopySource,
  { overwrite, ifMatch }: CopyConditions,
): Promise<void> {
  const condition = overwrite ? {} : UNLESS_TAKEN;
  const { source: _source, headers: _headers, ...target } = copy;
  try {
    await copyObject(client, {
      ...copy,
      condition: { ...condition, "x-amz-copy-source-if-match": ifMatch || undefined },
    });
  } catch (error) {
    if (!isStorageError(error)) throw error;
    // S3 and other services respond this way for an object larger than 5 GiB.
    if (/^(EntityTooLarge|Invalid(Request|Argument))$/.test(error.s3Code ?? "")) {
      const { copyInParts, refuseSmall } = await import("./multipart_copy.ts");
      refuseSmall(source, error);
      return void await copyInParts(client, copy, source, condition).catch((error) =>
        explainTaken(client, target, error)
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
