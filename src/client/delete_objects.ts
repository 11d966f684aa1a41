import { encodeBase64, encodeUtf8 } from "../kit/bytes.ts";
import { childrenNamed, childText, escapeXml } from "../kit/xml.ts";
import { md5 } from "../runtime/digest.ts";
import type { S3Client } from "./s3_client.ts";

/** The most keys that S3 takes in one request. */
export const MAX_KEYS_PER_DELETE = 1000;

/** A key that could not be removed, and why. */
export interface DeleteFailure {
  readonly key: string;
  readonly s3Code: string;
  readonly message: string;
}

/** Removes up to a thousand objects in one request; returns those that it could not remove. */
export async function deleteObjects(client: S3Client, input: {
  readonly bucket: string;
  readonly keys: readonly string[];
  readonly signal?: AbortSignal | undefined;
}): Promise<DeleteFailure[]> {
  const objects = input.keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join("");
  const body = encodeUtf8(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects}</Delete>`,
  );
  const { document } = await client.sendForXml({
    operation: "DeleteObjects",
    method: "POST",
    bucket: input.bucket,
    query: { delete: "" },
    headers: { "content-type": "application/xml", "content-md5": encodeBase64(await md5(body)) },
    body,
    signal: input.signal,
  });
  return childrenNamed(document, "Error")
    .map((element) => ({
      key: childText(element, "Key") ?? "",
      s3Code: childText(element, "Code") ?? "",
      message: childText(element, "Message") ?? "",
    }))
    .filter(({ s3Code }) => s3Code !== "NoSuchKey");
}

/** Whether a key can stand in an XML 1.0 document, character references included. */
export function isXmlText(key: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return !/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(key);
}
