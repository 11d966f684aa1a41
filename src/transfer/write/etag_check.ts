import { type UploadedPart, uploadPart } from "../../client/operations/multipart.ts";
import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { invalidResponse } from "../../client/invalid_response.ts";
import { IntegrityError, isStorageError } from "../../errors.ts";
import { type Bytes, encodeHex } from "../../kit/bytes/bytes.ts";
import { quotedETag } from "../../kit/text/etag.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { contentDigest } from "../../runtime/hash/checksum.ts";
import { hasOtherETags, MD5_ETAGS, OTHER_ETAGS } from "../read/etag_md5.ts";
import { readObject } from "../read/object_reader.ts";

/**
 * Compares the bytes that one request sent with the ETag of the response, if that is an MD5. With keys of KMS or of the
 * customer, and on some services, it is not; so if the ETag differs, the stored bytes are read and compared.
 *
 * @throws {IntegrityError} If the stored bytes differ from those that were sent.
 */
export async function checkETag(
  client: S3Client,
  target: ObjectTarget,
  response: Headers,
  body: Bytes | Blob,
): Promise<void> {
  const etag = quotedETag(response.get("etag")!);
  const sentMd5 = await differingMd5(client, response, body, target.signal);
  if (sentMd5 === undefined) return;
  try {
    const { head, body: stored } = await readObject(client, target, undefined, false);
    const size = body instanceof Blob ? body.size : body.byteLength;
    let difference = `sent ${size} bytes, stored ${head.size}`;
    if (head.size === size) {
      const tooLong = (): Error => invalidResponse("GetObject", "longer than announced", target);
      const storedMd5 = encodeHex(await contentDigest(await readLimited(stored, size, tooLong)));
      if (storedMd5 === sentMd5) {
        if (!head.etag.includes(sentMd5)) OTHER_ETAGS.add(client.service);
        return;
      }
      if (head.etag.includes(storedMd5)) MD5_ETAGS.add(client.service);
      difference = `sent MD5 ${sentMd5}, stored MD5 ${storedMd5}`;
    } else await stored.cancel();
    if (head.etag !== etag) return; // another write replaced the object
    const { bucket, key } = target;
    throw new IntegrityError(
      `Checksum mismatch after writing ${bucket}/${key}: ${difference}. Retry the write`,
      { operation: "PutObject", bucket, key },
    );
  } catch (error) {
    // Without a successful read there is nothing to report.
    if (!isStorageError(error) || isStorageError(error, "Integrity")) throw error;
  }
}

/**
 * Uploads one part over a connection without TLS, and compares its bytes with its ETag, if that is an MD5. If they differ,
 * the part is sent once more, as parts cannot be read. If they differ again, the ETags of this service are no MD5s, unless
 * others were.
 *
 * @throws {IntegrityError} If the stored bytes differ from those that were sent.
 */
export async function uploadCheckedPart(
  client: S3Client,
  part: Parameters<typeof uploadPart>[1],
): Promise<UploadedPart> {
  const { body, bucket, key, signal } = part;
  let differing: string | undefined;
  for (let attempt = 1; attempt <= 2; attempt++) {
    let response: Headers | undefined;
    const uploaded = await uploadPart(client, { ...part, onResponse: (headers) => void (response = headers) });
    differing = await differingMd5(client, response!, body, signal);
    if (differing === undefined) return uploaded;
    if (attempt === 1 || MD5_ETAGS.has(client.service)) continue;
    OTHER_ETAGS.add(client.service);
    return uploaded;
  }
  throw new IntegrityError(
    `Checksum mismatch after writing a part of ${bucket}/${key}: sent MD5 ${differing}, and the ETag is another one. ` +
      "Retry the write",
    { operation: "UploadPart", bucket, key },
  );
}

/** The MD5 of the sent bytes, if the ETag of the response is another MD5. */
async function differingMd5(
  { service }: S3Client,
  response: Headers,
  body: Bytes | Blob,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const etag = quotedETag(response.get("etag")!);
  const isMd5 = /^"[\da-f]{32}"$/.test(etag) && !OTHER_ETAGS.has(service) && !hasOtherETags(response);
  if (!isMd5) return undefined;
  const sentMd5 = encodeHex(await contentDigest(body, signal));
  if (!etag.includes(sentMd5)) return sentMd5;
  MD5_ETAGS.add(service);
  return undefined;
}
