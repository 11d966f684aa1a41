import { encodeKey, encodeRfc3986 } from "../signing/encode.ts";
import type { ObjectTarget } from "./objects.ts";
import type { RequestHeaders } from "./request.ts";
import type { S3Client } from "./s3_client.ts";

/**
 * Copies an object within the service, with all that belongs to it; up to 5 GiB in one request.
 *
 * @param input.source What is copied, in the same bucket: its parameters are those it is read with.
 */
export async function copyObject(
  client: S3Client,
  input: ObjectTarget & {
    readonly source: Pick<ObjectTarget, "key" | "parameters">;
    readonly headers?: RequestHeaders;
  },
): Promise<void> {
  const { source: { key, parameters }, headers, ...target } = input;
  const version = parameters?.versionId === undefined ? "" : `?versionId=${encodeRfc3986(parameters.versionId)}`;
  const keys = Object.entries(parameters?.part ?? {}).filter(([name]) => name.includes("-customer-"));
  await client.sendForXml({
    operation: "CopyObject",
    method: "PUT",
    patience: 10, // S3 moves the bytes before it is done
    ...target,
    headers: {
      ...headers,
      ...Object.fromEntries(keys.map(([name, value]) => [name.replace("x-amz-", "x-amz-copy-source-"), value])),
      "x-amz-copy-source": copySource(target.bucket, key) + version,
    },
  }, "CopyObjectResult");
}

/** Source: the S3 API, CopyObject: through an access point, an object is named by an ARN of its own. */
function copySource(bucket: string, key: string): string {
  return bucket.startsWith("arn:") ? encodeKey(`${bucket}/object/${key}`) : `/${bucket}/${encodeKey(key)}`;
}
