import { isStorageError, type StorageError, type StorageErrorDetails } from "../../errors.ts";
import { abortWith } from "../../kit/async/on_abort.ts";
import { Pool } from "../../kit/async/pool.ts";
import { encodeBase64, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { childrenNamed, escapeXml, exactChildText } from "../../kit/text/xml.ts";
import { md5 } from "../../runtime/hash/digest.ts";
import { deleteObject } from "./objects.ts";
import type { SharedParameters } from "../request.ts";
import { isTransient } from "../recovery/transient.ts";
import { noFailures } from "../retry.ts";
import type { S3Client } from "../s3_client.ts";
import { describeFailure, toStorageError } from "../service_failure.ts";

/** The objects to delete, up to 1,000. */
export interface DeleteInput {
  readonly bucket: string;
  readonly keys: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly parameters?: SharedParameters | undefined;
}

/** Concurrent requests where each object takes one. */
const CONCURRENCY = 8;

/** Services that do not support DeleteObjects. */
const WITHOUT_DELETE_OBJECTS = new WeakSet<object>();

/**
 * Deletes objects; returns the errors of those that could not be deleted.
 *
 * S3 deletes many objects in one request, but only with a Content-MD5 (not all services know newer checksums). A single
 * object, a key that XML cannot represent, and all objects on a service without this operation take a request each.
 */
export async function deleteObjects(client: S3Client, input: DeleteInput): Promise<StorageError[]> {
  const { keys } = input;
  const together = keys.length === 1 || WITHOUT_DELETE_OBJECTS.has(client.service) ? [] : keys.filter(isXmlText);
  const result = together.length > 0 ? await deleteTogether(client, input, together) : "unsupported";
  if (result === "unsupported") return await deleteSingly(client, input, keys);
  return [...await deleteSingly(client, input, keys.filter((key) => !isXmlText(key))), ...result];
}

/**
 * Deletes objects like {@linkcode deleteObjects}.
 *
 * @throws {AggregateError} Of one error for each object that could not be deleted.
 */
export async function deleteAll(client: S3Client, input: DeleteInput): Promise<void> {
  const failures = await deleteObjects(client, input);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} files could not be deleted`);
}

async function deleteSingly(
  client: S3Client,
  { bucket, signal, parameters }: DeleteInput,
  keys: readonly string[],
): Promise<StorageError[]> {
  const failures: (StorageError | undefined)[] = [];
  const stop = new AbortController();
  const unlink = abortWith(stop, signal);
  const pool = new Pool(CONCURRENCY, (reason) => stop.abort(reason));
  const remove = (key: string, index: number): Promise<void> =>
    deleteObject(client, { bucket, key, parameters, signal: stop.signal }).catch((error) => {
      if (!isStorageError(error)) throw error;
      failures[index] = error;
    });
  try {
    for (const [index, key] of keys.entries()) await pool.add(() => remove(key, index));
  } finally {
    await pool.drain().finally(unlink);
  }
  return failures.filter((failure) => failure !== undefined);
}

/** Deletes objects in one request, and in further ones those that failed temporarily. */
async function deleteTogether(
  client: S3Client,
  input: DeleteInput,
  keys: readonly string[],
): Promise<StorageError[] | "unsupported"> {
  const { signal } = input;
  const retries = noFailures();
  const failures: StorageError[] = [];
  for (let left = keys;;) {
    const result = await deleteInOneRequest(client, input, left);
    if (result === undefined) return "unsupported";
    const passing = result.filter((error) => error.status === 200 && error.key !== undefined && isTransient(error));
    failures.push(...result.filter((error) => !passing.includes(error)));
    const [first] = passing;
    if (first === undefined) {
      client.earnRetries(retries);
      return failures;
    }
    try {
      await client.pauseBeforeRetry(first, { signal }, retries);
    } catch (error) {
      if (error !== first) throw error;
      return [...failures, ...passing];
    }
    left = passing.map((error) => error.key!);
  }
}

/** Sends one request; returns `undefined` if the service does not support it. */
async function deleteInOneRequest(
  client: S3Client,
  { bucket, signal, parameters }: DeleteInput,
  keys: readonly string[],
): Promise<StorageError[] | undefined> {
  const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`);
  const body = encodeUtf8(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects.join("")}</Delete>`,
  );
  const contentMd5 = encodeBase64(await md5(body));
  const request = {
    operation: "DeleteObjects",
    method: "POST",
    bucket,
    query: { delete: "" },
    headers: { ...parameters?.all, "content-type": "application/xml", "content-md5": contentMd5 },
    body,
    signal,
  } as const;
  const result = await client.sendForXml(request, "DeleteResult").catch((error) => {
    if (isStorageError(error)) return error;
    throw error;
  });
  if (result instanceof Error) {
    const isUnknown = isStorageError(result, "NotSupported");
    if (isUnknown) WITHOUT_DELETE_OBJECTS.add(client.service);
    // Some services answer 400 to what they do not know; if something else is wrong, the single requests tell.
    const isRefused = result.status === 400 && isStorageError(result, "Service");
    return isUnknown || isRefused ? undefined : keys.map((key) => errorForKey(key, result));
  }
  return childrenNamed(result.document, "Error").map((element) => {
    const key = exactChildText(element, "Key", "Code");
    const details = { operation: "DeleteObjects", bucket, key: keys.find((candidate) => candidate === key) };
    return toStorageError(describeFailure(result, element), details);
  }).filter(({ code }) => code !== "NotFound");
}

/** The error of the whole request as the error of one key. */
function errorForKey(key: string, error: StorageError): StorageError {
  const ErrorClass = error.constructor as new (message: string, details: StorageErrorDetails) => StorageError;
  return new ErrorClass(error.message, { ...error, key, response: error.response, cause: error });
}

/** Whether an XML 1.0 document can contain a key, also with character references. */
export function isXmlText(key: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are to be matched
  return !/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(key);
}
