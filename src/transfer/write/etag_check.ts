import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { invalidResponse } from "../../client/invalid_response.ts";
import { IntegrityError, isStorageError } from "../../errors.ts";
import { type Bytes, encodeHex } from "../../kit/bytes/bytes.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { contentDigest } from "../../runtime/hash/checksum.ts";
import { readObject } from "../read/object_reader.ts";

/** Those whose service has ETags that only look like MD5s. */
const OTHER_ETAGS = new WeakSet<S3Client>();

/**
 * Compares what was sent in one request with the ETag that answers it, where that is an MD5: not with keys of KMS or of
 * the customer, and not on each service. So if it differs, what is stored is read, and tells.
 *
 * @throws {IntegrityError} If other bytes are stored than were sent.
 */
export async function checkETag(
  client: S3Client,
  target: ObjectTarget,
  answer: Headers,
  body: Bytes | Blob,
): Promise<void> {
  const etag = answer.get("etag")!;
  const isMd5 = /^"?[\da-f]{32}"?$/.test(etag) && !OTHER_ETAGS.has(client) &&
    !/kms/.test(answer.get("x-amz-server-side-encryption") ?? "") &&
    !answer.has("x-amz-server-side-encryption-customer-algorithm");
  if (!isMd5) return;
  const sent = encodeHex(await contentDigest(body, target.signal));
  if (etag.includes(sent)) return;
  try {
    const { head, body: stored } = await readObject(client, target);
    const size = body instanceof Blob ? body.size : body.byteLength;
    let difference = `they are ${head.size}, they were ${size}`;
    if (head.size === size) {
      const tooLong = (): Error => invalidResponse("GetObject", "longer than announced", target);
      const found = encodeHex(await contentDigest(await readLimited(stored, size, tooLong)));
      if (found === sent) {
        if (!head.etag.includes(sent)) OTHER_ETAGS.add(client);
        return;
      }
      difference = `their MD5 is ${found}, it was ${sent}`;
    } else await stored.cancel();
    if (head.etag !== etag) return; // another write came after it
    const { bucket, key } = target;
    throw new IntegrityError(
      `Other bytes of ${bucket}/${key} are stored than were sent: ${difference}. Write it again`,
      { operation: "PutObject", bucket, key },
    );
  } catch (error) {
    // Who may not read it, or not now, cannot tell.
    if (!isStorageError(error) || isStorageError(error, "Integrity")) throw error;
  }
}
