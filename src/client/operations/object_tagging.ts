import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { child, childrenNamed, escapeXml } from "../../kit/text/xml.ts";
import { checksumHeaders } from "../upload_checksum.ts";
import type { ObjectTarget } from "./objects.ts";
import type { S3Client } from "../s3_client.ts";

/** An object, and which version of it. */
export interface VersionTarget extends ObjectTarget {
  /** The current version by default. */
  readonly versionId?: string | undefined;
}

/** Reads the tags of an object in the order of the service. */
export async function getObjectTagging(
  client: S3Client,
  input: VersionTarget,
): Promise<(readonly [key: string, value: string])[]> {
  const { versionId, ...target } = input;
  const { document } = await client.sendForXml({
    operation: "GetObjectTagging",
    method: "GET",
    ...target,
    query: { tagging: "", versionId },
    headers: target.parameters?.all,
  }, "Tagging");
  const tags = childrenNamed(document, "TagSet").flatMap((set) => childrenNamed(set, "Tag"));
  return tags.map((tag) => [child(tag, "Key")?.text ?? "", child(tag, "Value")?.text ?? ""]);
}

/** Replaces the tags of an object. S3 requires a checksum of the document; every service knows the MD5. */
export async function putObjectTagging(
  client: S3Client,
  input: VersionTarget & { readonly tags: Readonly<Record<string, string>> },
): Promise<void> {
  const { versionId, tags, ...target } = input;
  const elements = Object.entries(tags).map(([key, value]) =>
    `<Tag><Key>${escapeXml(key)}</Key><Value>${escapeXml(value)}</Value></Tag>`
  );
  const body = encodeUtf8(
    `<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>${elements.join("")}</TagSet></Tagging>`,
  );
  await client.send({
    operation: "PutObjectTagging",
    method: "PUT",
    ...target,
    query: { tagging: "", versionId },
    headers: {
      ...target.parameters?.all,
      "content-type": "application/xml",
      ...await checksumHeaders({ contentMd5: true, body }),
    },
    body,
  });
}

/** Deletes all tags of an object. */
export async function deleteObjectTagging(client: S3Client, input: VersionTarget): Promise<void> {
  const { versionId, ...target } = input;
  await client.send({
    operation: "DeleteObjectTagging",
    method: "DELETE",
    ...target,
    query: { tagging: "", versionId },
    headers: target.parameters?.all,
  });
}
