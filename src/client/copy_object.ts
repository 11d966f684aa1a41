import { encodeKey } from "../signing/encode.ts";
import type { ObjectTarget } from "./objects.ts";
import type { S3Client } from "./s3_client.ts";

/** Copies an object within the service, with all that belongs to it; up to 5 GiB in one request. */
export async function copyObject(
  client: S3Client,
  input: ObjectTarget & {
    readonly sourceKey: string;
    readonly headers?: Readonly<Record<string, string | undefined>>;
  },
): Promise<void> {
  const { sourceKey, headers, ...target } = input;
  await client.sendForXml({
    operation: "CopyObject",
    method: "PUT",
    patience: 10, // S3 moves the bytes before it is done
    ...target,
    headers: { ...headers, "x-amz-copy-source": copySource(target.bucket, sourceKey) },
  }, "CopyObjectResult");
}

/** Source: the S3 API, CopyObject: through an access point, an object is named by an ARN of its own. */
function copySource(bucket: string, key: string): string {
  return bucket.startsWith("arn:") ? encodeKey(`${bucket}/object/${key}`) : `/${bucket}/${encodeKey(key)}`;
}
