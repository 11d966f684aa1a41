import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { IntegrityError } from "../../errors.ts";
import type { ChunkReader } from "../../kit/bytes/byte_reader.ts";
import { asBytes, encodeHex } from "../../kit/bytes/bytes.ts";
import { beginChecksum } from "../../runtime/hash/checksum.ts";
import type { ByteCheck } from "./byte_check.ts";

/** Services whose ETags only look like MD5s. */
export const OTHER_ETAGS = new WeakSet<object>();

/** Services that had an object whose ETag was its MD5. */
const MD5_ETAGS = new WeakSet<object>();

/** Reads a range of the same object, without this check. */
export type ReadRange = (range: { readonly start: number; readonly end: number }) => Promise<{
  /** Whether the bytes are the range; else they are the whole object. */
  readonly isRange: boolean;
  readonly chunks: ChunkReader;
}>;

/**
 * Starts to compare the bytes of an object with its ETag, which may be their MD5; `undefined` if the ETags of the service are
 * not, or the runtime has no incremental MD5.
 *
 * Not every ETag of this form is an MD5. If it differs, the object is read again: equal bytes were not damaged on the way.
 *
 * @param md5 The ETag, in hexadecimal without quotes.
 */
export function beginMd5Check(
  { service }: S3Client,
  md5: string,
  { bucket, key, size }: ObjectTarget & { readonly size: number },
  read: ReadRange,
): ByteCheck | undefined {
  const sum = OTHER_ETAGS.has(service) ? undefined : beginChecksum("MD5");
  const compare = async (received: string): Promise<void> => {
    const again = await digestAgain(size, read);
    if (again === received) {
      if (!MD5_ETAGS.has(service)) OTHER_ETAGS.add(service);
      return;
    }
    throw new IntegrityError(
      `Checksum mismatch while reading ${bucket}/${key}: received MD5 ${received}, stored MD5 ${md5}. Read it again`,
      { operation: "GetObject", bucket, key },
    );
  };
  const settle = (digest: Uint8Array): Promise<void> | void => {
    const received = encodeHex(digest);
    if (received !== md5) return compare(received);
    MD5_ETAGS.add(service);
  };
  return sum && {
    update: (chunk) => sum.update(asBytes(chunk)),
    finish: () => {
      const digest = sum.digest();
      return digest instanceof Promise ? digest.then(settle) : settle(digest);
    },
  };
}

/** The MD5 of a second read, in two halves: what damages the same byte of each response damages another one of the object. */
async function digestAgain(size: number, read: ReadRange): Promise<string> {
  const sum = beginChecksum("MD5")!;
  const half = Math.ceil(size / 2);
  for (const range of [{ start: 0, end: half }, { start: half, end: size }]) {
    if (range.start === range.end) continue;
    const { isRange, chunks } = await read(range);
    for (let chunk = await chunks.read(); chunk !== undefined; chunk = await chunks.read()) sum.update(asBytes(chunk));
    if (!isRange) break; // the service ignores ranges
  }
  return encodeHex(await sum.digest());
}
