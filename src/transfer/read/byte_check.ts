import type { FoundObject, ObjectTarget } from "../../client/operations/objects.ts";
import type { ReportedChecksum } from "../../client/response_checksum.ts";
import { IntegrityError } from "../../errors.ts";
import { asBytes, encodeBase64 } from "../../kit/bytes/bytes.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { beginChecksum } from "../../runtime/hash/checksum.ts";
import { beginMd5Check, type ByteCheck, type ReadRange } from "./etag_md5.ts";

export type { ByteCheck } from "./etag_md5.ts";
export { getUnencoded } from "./encoded_object.ts";

/**
 * Starts to compare the bytes of an object with the checksum that the service reports, or with its ETag where nothing else
 * protects them; `undefined` if that cannot be done.
 */
export function beginCheck(
  client: S3Client,
  target: ObjectTarget,
  opened: Pick<FoundObject, "head" | "headers" | "checksum">,
  read: ReadRange,
): ByteCheck | undefined {
  return opened.checksum ? beginByteCheck(opened.checksum, target) : beginMd5Check(client, target, opened, read);
}

/** Starts a check; `undefined` if the runtime cannot compute the checksum incrementally. */
export function beginByteCheck(
  { algorithm, value }: ReportedChecksum,
  { bucket, key }: ObjectTarget,
): ByteCheck & { finish(): Promise<void> } | undefined {
  const sum = beginChecksum(algorithm);
  return sum && {
    update: (chunk) => sum.update(asBytes(chunk)),
    finish: async () => {
      const computed = encodeBase64(await sum.digest());
      if (computed === value) return;
      throw new IntegrityError(
        `Checksum mismatch while reading ${bucket}/${key}: received ${algorithm} ${computed}, stored ${algorithm} ${value}`,
        { operation: "GetObject", bucket, key },
      );
    },
  };
}
