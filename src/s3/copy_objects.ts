import type { ObjectTarget } from "../client/operations/objects.ts";
import type { RequestHeaders } from "../client/request.ts";
import type { S3Client } from "../client/s3_client.ts";
import { isStorageError } from "../errors.ts";
import type { ObjectParameters } from "../settings/options.ts";
import { PARAMETER_HEADERS } from "../settings/parameter_headers.ts";
import type { ObjectCopyOptions } from "../storage/contract/backend.ts";
import type { FileAttributes } from "../storage/contract/options.ts";
import { type AttributeChanges, copy, type CopyConditions } from "../transfer/copy/copy.ts";
import { parameterHeaders } from "./object_parameters.ts";
import { type S3WriteOptions, withCallOptions, withCallPlan } from "./s3_options.ts";

/** Parameters that describe an object's content, which a copy takes from its source. */
const DESCRIPTIVE = /^(Content.*|CacheControl|Expires|Metadata|Tagging)$/;

/** The headers of the attributes of a file. */
const ATTRIBUTE_HEADERS = {
  contentType: "content-type",
  contentEncoding: "content-encoding",
  cacheControl: "cache-control",
  contentDisposition: "content-disposition",
  contentLanguage: "content-language",
} as const satisfies { readonly [Name in keyof FileAttributes]: string };

/** An object to copy, and where to. */
export interface ObjectCopy {
  readonly source: ObjectTarget;
  /** The client of the source, if that is part of another backend. */
  readonly sourceClient?: S3Client;
  readonly target: ObjectTarget;
  /** The parameters that are configured for the target. */
  readonly configured: ObjectParameters;
}

/** A bucket, with the client that reaches it. */
export interface Bucket {
  readonly client: S3Client;
  uri(key: string): string;
}

/** Copies an object, with its attributes except those in the options. */
export async function copyObjects(
  client: S3Client,
  { source, sourceClient, target, configured }: ObjectCopy,
  options: ObjectCopyOptions & S3WriteOptions,
): Promise<void> {
  const given = withCallOptions({}, options, "copy to", target.key);
  const own = { ...notDescriptive(configured), ...notDescriptive(given) };
  const headers = parameterHeaders({ ...own, ACL: own.ACL ?? client.settings.defaultAcl });
  const conditions: CopyConditions = {
    overwrite: options.onExisting === "replace",
    ifMatch: options.ifMatch,
    sourceClient,
    deletesSource: options.deletesSource,
    changes: changesOf(given, options),
    plan: withCallPlan(client.settings.transferConfig, options, target.key),
  };
  const copied = { ...target, source, headers: { ...headers, ...unset(given) }, tagging: given.Tagging };
  await copy(client, copied, conditions);
}

/**
 * Copies an object of another backend on the service.
 *
 * @returns False if the service cannot copy it, or denies it: then the object may be read and written.
 */
export async function copyBetween(
  from: Bucket,
  to: Bucket,
  objects: Omit<ObjectCopy, "sourceClient">,
  options: ObjectCopyOptions & S3WriteOptions,
): Promise<boolean> {
  // A function that sends requests may reach another service than the address says.
  if (serviceOf(from) !== serviceOf(to) || from.client.settings.fetch !== to.client.settings.fetch) return false;
  try {
    await copyObjects(to.client, { ...objects, sourceClient: from.client }, options);
    return true;
  } catch (error) {
    // The credentials of the target may not read the source, or the service copies only within a bucket.
    if (isStorageError(error, "PermissionDenied") || isStorageError(error, "NotSupported")) return false;
    // To the credentials of the target, the bucket of the source may be missing, or the one of another account.
    const isOther = isStorageError(error, "NotFound") || isStorageError(error, "PreconditionFailed");
    if (isOther && /Copy/.test(error.operation ?? "")) return false;
    throw error;
  }
}

/** Identifies the service of a bucket: the URI of its bucket without the bucket. */
function serviceOf(bucket: Bucket): string {
  const uri = bucket.uri(""); // ends in the bucket and a slash
  return uri.slice(0, uri.lastIndexOf("/", uri.length - 2));
}

function notDescriptive(parameters: ObjectParameters): ObjectParameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !DESCRIPTIVE.test(name)));
}

/** The headers that empty texts remove from the copy. */
function unset(given: ObjectParameters): RequestHeaders {
  const names = Object.entries(given).filter(([, value]) => value === "").map(([name]) => name);
  return Object.fromEntries(
    names.filter((name) => !DESCRIPTIVE.test(name)).map((name) => [headerOf(name), undefined]),
  );
}

function headerOf(parameter: string): string {
  return PARAMETER_HEADERS.write[parameter as keyof ObjectParameters]!;
}

/** The attributes that the copy does not take from its source; `undefined` if there are none. */
function changesOf(given: ObjectParameters, options: FileAttributes): AttributeChanges | undefined {
  const headers: Record<string, string | undefined> = {};
  const described = Object.entries(given).filter(([name]) =>
    DESCRIPTIVE.test(name) && !/^(Tagging|ContentMD5)$/.test(name)
  );
  for (const [name, value] of described) if (value === "") headers[headerOf(name)] = undefined;
  Object.assign(headers, parameterHeaders(Object.fromEntries(described)));
  for (const [name, header] of Object.entries(ATTRIBUTE_HEADERS)) {
    const value = options[name as keyof typeof ATTRIBUTE_HEADERS];
    // Every object has a media type.
    if (value !== undefined && (value !== "" || name !== "contentType")) headers[header] = value || undefined;
  }
  const metadata = options.metadata ?? given.Metadata;
  if (options.metadata !== undefined) Object.assign(headers, parameterHeaders({ Metadata: options.metadata }));
  if (Object.keys(headers).length === 0 && metadata === undefined) return undefined;
  return { headers, replacesMetadata: metadata !== undefined };
}
