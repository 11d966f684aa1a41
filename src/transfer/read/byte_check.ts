import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { ReportedChecksum } from "../../client/response_checksum.ts";
import { IntegrityError } from "../../errors.ts";
import { asBytes, encodeBase64 } from "../../kit/bytes/bytes.ts";
import { beginChecksum } from "../../runtime/hash/checksum.ts";

/** Compares the bytes of an object, which pass in order, with the checksum that the service reports. */
export interface ByteCheck {
  update(chunk: Uint8Array): void;
  /**
   * Compares the checksums; without a promise where the runtime has computed it already.
   *
   * @throws {IntegrityError} If they differ.
   */
  finish(): Promise<void> | void;
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
