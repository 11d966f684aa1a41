import { isStorageError, type StorageError, type StorageErrorDetails } from "../../errors.ts";
import { type Bytes, encodeBase64, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { childrenNamed, escapeXml, exactChildText } from "../../kit/text/xml.ts";
import { md5 } from "../../runtime/hash/digest.ts";
import { deleteObject } from "./objects.ts";
import type { SharedParameters } from "../request.ts";
import type { S3Client } from "../s3_client.ts";
import { describeFailure, toStorageError } from "../service_failure.ts";

/** The objects to delete, up to 1,000. */
export interface DeleteInput {
  readonly bucket: string;
  readonly keys: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly parameters?: SharedParameters | undefined;
}

/**
 * Deletes objects; returns the errors of those that could not be deleted.
 *
 * S3 deletes many objects in one request, but only with a Content-MD5 (not all services know newer checksums). A single
 * object, a key that XML cannot represent, and all objects on a runtime without MD5 take a request each.
 */
export async function deleteObjects(client: S3Client, input: DeleteInput): Promise<StorageError[]> {
  const { keys, ...rest } = input;
  const objects = keys.filter(isXmlText).map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`);
  const body = encodeUtf8(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects.join("")}</Delete>`,
  );
  const digest = keys.length > 1 && objects.length > 0 ? await md5(body) : undefined;
  const failures: StorageError[] = [];
  for (const key of digest === undefined ? keys : keys.filter((key) => !isXmlText(key))) {
    await deleteObject(client, { ...rest, key }).catch((error) => {
      if (!isStorageError(error)) throw error;
      failures.push(error);
    });
  }
  return digest === undefined ? failures : [...failures, ...await deleteInOneRequest(client, input, body, digest)];
}

async function deleteInOneRequest(
  client: S3Client,
  { bucket, keys, signal, parameters }: DeleteInput,
  body: Bytes,
  digest: Bytes,
): Promise<StorageError[]> {
  const request = {
    operation: "DeleteObjects",
    method: "POST",
    bucket,
    query: { delete: "" },
    headers: { ...parameters?.all, "content-type": "application/xml", "content-md5": encodeBase64(digest) },
    body,
    signal,
  } as const;
  const result = await client.sendForXml(request, "DeleteResult").catch((error) => {
    if (isStorageError(error)) return error;
    throw error;
  });
  if (result instanceof Error) return keys.filter(isXmlText).map((key) => failureOf(key, result));
  return childrenNamed(result.document, "Error").map((element) => {
    const key = exactChildText(element, "Key", "Code");
    const details = { operation: "DeleteObjects", bucket, key: keys.find((candidate) => candidate === key) };
    return toStorageError(describeFailure(result, element), details);
  }).filter(({ code }) => code !== "NotFound");
}

/** The error of the whole request as the error of one key. */
function failureOf(key: string, error: StorageError): StorageError {
  const ErrorClass = error.constructor as new (message: string, details: StorageErrorDetails) => StorageError;
  return new ErrorClass(error.message, { ...error, key, response: error.response, cause: error });
}

/** Whether an XML 1.0 document can contain a key, also with character references. */
export function isXmlText(key: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are to be matched
  return !/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(key);
}
