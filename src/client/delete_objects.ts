import type { StorageError } from "../errors.ts";
import { encodeBase64, encodeUtf8 } from "../kit/bytes.ts";
import { childrenNamed, childText, escapeXml } from "../kit/xml.ts";
import { md5 } from "../runtime/digest.ts";
import { deleteObject } from "./objects.ts";
import type { S3Client } from "./s3_client.ts";
import { describeFailure, toStorageError } from "./service_error.ts";

/**
 * Removes up to a thousand objects; returns those that it could not remove.
 *
 * S3 takes them in one request, but only with a Content-MD5 (newer checksums are not known everywhere); a runtime
 * without MD5 sends a request for each.
 */
export async function deleteObjects(client: S3Client, input: {
  readonly bucket: string;
  readonly keys: readonly string[];
  readonly signal?: AbortSignal | undefined;
}): Promise<StorageError[]> {
  const objects = input.keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join("");
  const body = encodeUtf8(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects}</Delete>`,
  );
  const digest = await md5(body);
  if (digest === undefined) {
    for (const key of input.keys) await deleteObject(client, { bucket: input.bucket, key, signal: input.signal });
    return [];
  }
  const { document, response } = await client.sendForXml({
    operation: "DeleteObjects",
    method: "POST",
    bucket: input.bucket,
    query: { delete: "" },
    headers: { "content-type": "application/xml", "content-md5": encodeBase64(digest) },
    body,
    signal: input.signal,
  }, "DeleteResult");
  return childrenNamed(document, "Error").map((element) => {
    const details = { operation: "DeleteObjects", bucket: input.bucket, key: childText(element, "Key") };
    return toStorageError(describeFailure(response, element), details);
  }).filter(({ code }) => code !== "NotFound");
}

/** Whether a key can stand in an XML 1.0 document, character references included. */
export function isXmlText(key: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return !/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(key);
}
