import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { ReportedChecksum } from "../../client/response_checksum.ts";
import { IntegrityError } from "../../errors.ts";
import { asBytes, encodeBase64 } from "../../kit/bytes/bytes.ts";
import { beginChecksum } from "../../runtime/hash/checksum.ts";

/** Compares bytes that go by, all those of an object in their order, with the checksum that the service tells. */
export interface ByteCheck {
  update(chunk: Uint8Array): void;
  /** @throws {IntegrityError} If they are others. */
  finish(): Promise<void>;
}

/** Begins to compare; `undefined` where there is nothing to compare with, or no way to do so while they go by. */
export function beginByteCheck(told: ReportedChecksum, { bucket, key }: ObjectTarget): ByteCheck | undefined {
  const { algorithm, value } = told;
  const sum = beginChecksum(algorithm);
  return sum && {
    update: (chunk) => sum.update(asBytes(chunk)),
    finish: async () => {
      const found = encodeBase64(await sum.digest());
      if (found === value) return;
      throw new IntegrityError(
        `Other bytes of ${bucket}/${key} arrived than are stored: their ${algorithm} is ${found}, S3 says ${value}`,
        { operation: "GetObject", bucket, key },
      );
    },
  };
}
