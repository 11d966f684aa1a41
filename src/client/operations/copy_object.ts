import { encodeKey, encodeRfc3986 } from "../../signing/encode.ts";
import { quotedETag } from "../../kit/text/etag.ts";
import { childText } from "../../kit/text/xml.ts";
import { type ObjectTarget, type StoredVersion, versionOf } from "./objects.ts";
import type { RequestHeaders } from "../request.ts";
import type { S3Client } from "../s3_client.ts";

/** The source of a copy, and how the copy is written. */
export interface CopyInput extends ObjectTarget {
  /** The object to copy, in the same bucket unless one is given, and the parameters to read it with. */
  readonly source: Pick<ObjectTarget, "key" | "parameters"> & { readonly bucket?: string };
  readonly headers?: RequestHeaders;
  /** The headers that describe the copy, if they are not those of the source. */
  readonly described?: RequestHeaders | undefined;
  /** The tags of the copy, if they are not those of the source: a query string, empty for none. */
  readonly tagging?: string | undefined;
}

/**
 * Copies an object within the service; S3 accepts at most 5 GiB. Returns the copy.
 *
 * @param input.condition Headers with conditions on the source and the target; some services ignore them.
 */
export async function copyObject(
  client: S3Client,
  input: CopyInput & { readonly condition?: RequestHeaders },
): Promise<StoredVersion> {
  const { source, headers, condition = {}, described, tagging, ...target } = input;
  const replaced = {
    ...described,
    "x-amz-metadata-directive": described && "REPLACE",
    "x-amz-tagging-directive": tagging === undefined ? undefined : "REPLACE",
    "x-amz-tagging": tagging || undefined,
  };
  const { document, response } = await client.sendForXml({
    operation: "CopyObject",
    method: "PUT",
    timeoutFactor: 10, // S3 copies the bytes before it responds
    ...target,
    headers: { ...headers, ...replaced, ...condition, ...sourceHeaders(target.bucket, source) },
    // If the response to a conditional copy is lost, a retry fails on the object that the first attempt stored.
    repeatable: (condition["if-none-match"] ?? condition["if-match"]) === undefined,
  }, "CopyObjectResult");
  return { etag: quotedETag(childText(document, "ETag") ?? ""), versionId: versionOf(response.headers) };
}

/** The headers that name the source of a copy, and the keys to read it with. */
export function sourceHeaders(
  target: string,
  { bucket, key, parameters }: CopyInput["source"],
): Record<string, string> {
  const version = parameters?.versionId === undefined ? "" : `?versionId=${encodeRfc3986(parameters.versionId)}`;
  const headers: Record<string, string> = { "x-amz-copy-source": copySource(bucket ?? target, key) + version };
  for (const [name, value] of Object.entries(parameters?.part ?? {})) {
    if (name.includes("-customer-")) headers[name.replace("x-amz-", "x-amz-copy-source-")] = value!;
    // Those of the target's own bucket are among the headers of the target.
    else if (bucket !== undefined && bucket !== target) {
      headers[name.replace("x-amz-expected", "x-amz-source-expected")] = value!;
    }
  }
  return headers;
}

/** Objects of an access point are named by an ARN. Source: the S3 API reference, CopyObject. */
function copySource(bucket: string, key: string): string {
  return bucket.startsWith("arn:") ? encodeKey(`${bucket}/object/${key}`) : `/${bucket}/${encodeKey(key)}`;
}
