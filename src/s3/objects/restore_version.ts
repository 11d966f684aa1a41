import { type CopyInput, copyObject } from "../../client/operations/copy_object.ts";
import { readAcl } from "../../client/operations/object_acl.ts";
import { headObject, type ObjectTarget, parseHead, type StoredVersion } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError, NotFoundError } from "../../errors.ts";
import { checkOptions } from "../../kit/values/options.ts";
import type { ObjectParameters } from "../../settings/options.ts";
import { CALL_OPTIONS } from "../../storage/checks/option_names.ts";
import type { CallOptions } from "../../storage/contract/options.ts";
import type { SavedFile } from "../../storage/contract/saved_file.ts";
import { copyInParts, refuseSmall } from "../../transfer/copy/multipart_copy.ts";
import type { FileAccess } from "../file_access.ts";
import { parameterHeaders } from "../object_parameters.ts";
import { explainMissing } from "./missing_object.ts";
import { checkVersionId } from "./versioned_file.ts";

/** Parameters that describe an object's content, which a restored version keeps. */
const KEPT = /^(Content.*|CacheControl|Expires|Metadata|Tagging)$/;

/** Headers of a version that CopyObject does not copy. */
const NOT_COPIED = ["x-amz-storage-class", "x-amz-website-redirect-location"];

/** Copies a version over the current one, on the service. */
export async function restoreVersion(
  { backend, location, keyOf }: FileAccess,
  name: string,
  versionId: string,
  options: CallOptions = {},
): Promise<SavedFile> {
  const action = `restore a version of '${name}'`;
  checkOptions(action, options, CALL_OPTIONS);
  checkVersionId(action, versionId);
  const { signal } = options;
  signal?.throwIfAborted();
  const target = backend.writableTarget(keyOf(name), { signal });
  const { key, parameters } = target;
  const version: ObjectTarget = { ...target, parameters: parameters && { ...parameters, versionId } };
  const configured: ObjectParameters = Object.fromEntries(
    Object.entries(backend.parametersOf(key)).filter(([parameter]) => !KEPT.test(parameter)),
  );
  try {
    const { client } = backend;
    const { etag, size, ...stored } = await copyVersion(client, version, target, parameterHeaders(configured));
    const newId = stored.versionId ?? await currentVersion(client, target, etag);
    return { name: key.slice(location.length), etag, size, versionId: newId };
  } catch (error) {
    throw explainMarker(explainMissing(error, key), action, versionId);
  }
}

/** Ceph RGW 16 does not return the id of a copied version. */
async function currentVersion(client: S3Client, target: ObjectTarget, etag: string): Promise<string | undefined> {
  const current = await headObject(client, target).catch(() => undefined); // another program may have deleted it
  return current?.etag === etag ? current.versionId : undefined;
}

/**
 * Copies a version, in parts if it is too large for one request, with its ACL and its storage class unless the headers set
 * others.
 */
async function copyVersion(
  client: S3Client,
  version: ObjectTarget,
  target: ObjectTarget,
  configured: Record<string, string>,
): Promise<StoredVersion & { readonly size: number }> {
  const { read, versionId } = version.parameters ?? {};
  const request = { operation: "HeadObject", method: "HEAD", ...version, query: { versionId }, headers: read } as const;
  const headers = await client.send(request);
  const { size, etag } = parseHead(headers, "HeadObject", version);
  const source = { client, target: version, headers, size, etag, remains: true };
  const hasAcl = Object.keys(configured).some((header) => /^x-amz-(acl|grant-.*)$/.test(header));
  const acl = hasAcl ? {} : await readAcl(client, version);
  const copy: CopyInput = {
    ...target,
    source: { key: version.key, parameters: version.parameters },
    headers: { ...keptHeaders(headers), ...acl, ...configured },
  };
  try {
    return { ...await copyObject(client, copy), size };
  } catch (error) {
    // S3 and other services respond this way for an object larger than 5 GiB.
    const mayBeTooLarge = isStorageError(error) &&
      /^(EntityTooLarge|Invalid(Request|Argument))$/.test(error.s3Code ?? "");
    if (!mayBeTooLarge) throw error;
    refuseSmall(source, error);
    return { ...await copyInParts(client, copy, source, {}), size };
  }
}

function keptHeaders(version: Headers): Record<string, string> {
  const kept = NOT_COPIED.map((name) => [name, version.get(name)] as const);
  return Object.fromEntries(
    kept.filter((pair): pair is readonly [string, string] => pair[1] !== null && pair[1] !== "STANDARD"),
  );
}

/** S3 refuses to read a delete marker as an operation that is not allowed. */
function explainMarker(error: unknown, action: string, versionId: string): unknown {
  if (!isStorageError(error) || error.response?.headers.get("x-amz-delete-marker") !== "true") return error;
  const { response } = error;
  return new NotFoundError(`Cannot ${action}: version '${versionId}' is a delete marker`, {
    ...error,
    response,
    cause: error,
  });
}
