import { quotedETag } from "../../kit/text/etag.ts";
import { checksumMode, type ObjectTarget, type ObjectVersion } from "../../client/operations/objects.ts";
import { CHECKSUM_MODE, type ReportedChecksum, reportedChecksum } from "../../client/response_checksum.ts";
import type { S3Client } from "../../client/s3_client.ts";

/** Requests the checksum of the whole object, if checksums are used and the service has one. */
export async function readChecksum(
  client: S3Client,
  input: ObjectTarget,
  { etag }: Pick<ObjectVersion, "etag">,
): Promise<ReportedChecksum | undefined> {
  const mode = checksumMode(client, input);
  if (mode === undefined) return undefined;
  const { read, versionId } = input.parameters ?? {};
  const request = { operation: "HeadObject", method: "HEAD", ...input, query: { versionId } } as const;
  const headers = await client.send({ ...request, headers: { ...read, [CHECKSUM_MODE]: mode } });
  return quotedETag(headers.get("etag") ?? "") === etag ? reportedChecksum(headers) : undefined;
}
