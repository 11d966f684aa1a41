import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { checksumHeaders } from "../upload_checksum.ts";
import type { VersionTarget } from "./object_tagging.ts";
import type { S3Client } from "../s3_client.ts";

/**
 * Restores an archived object for some days.
 *
 * @returns The status: 202 if the restoration has begun, 200 if a restored copy exists, which is now kept as long as asked.
 */
export async function restoreObject(
  client: S3Client,
  input: VersionTarget & { readonly days: number | undefined; readonly tier: string },
): Promise<number> {
  const { versionId, days, tier, ...target } = input;
  const body = encodeUtf8(
    `<RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${
      days === undefined ? "" : `<Days>${days}</Days>`
    }<GlacierJobParameters><Tier>${tier}</Tier></GlacierJobParameters></RestoreRequest>`,
  );
  const response = await client.sendForStream({
    operation: "RestoreObject",
    method: "POST",
    ...target,
    query: { restore: "", versionId },
    headers: {
      ...target.parameters?.all,
      "content-type": "application/xml",
      ...await checksumHeaders({ contentMd5: true, body }),
    },
    body,
  });
  await response.body.cancel();
  return response.status;
}
