import { isAws } from "../../aws/hosts.ts";
import type { FoundObject, ObjectRange, ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { IntegrityError } from "../../errors.ts";
import { isPromise } from "../../kit/async/is_promise.ts";
import type { ChunkReader } from "../../kit/bytes/chunk_reader.ts";
import { asBytes, encodeHex } from "../../kit/bytes/bytes.ts";
import { beginChecksum } from "../../runtime/hash/checksum.ts";

/** Compares the bytes of an object, which pass in order, with what the service reports of them. */
export interface ByteCheck {
  update(chunk: Uint8Array): void;
  /**
   * Compares the checksums; without a promise where the runtime has computed it already.
   *
   * @throws {IntegrityError} If they differ.
   */
  finish(): Promise<void> | void;
}

/** Services whose ETags only look like MD5s. */
export const OTHER_ETAGS = new WeakSet<object>();

/** Services that had an object or a part whose ETag was its MD5. */
export const MD5_ETAGS = new WeakSet<object>();

/** Reads a range of an object, with or without this check. */
export type ReadRange = (
  client: S3Client,
  target: ObjectTarget & ObjectRange,
  strategy: undefined,
  comparesMd5: false,
) => Promise<{
  /** Whether the bytes are the range; else they are the whole object. */
  readonly isRange: boolean;
  readonly chunks: ChunkReader;
}>;

/** Reads a range of the same object. */
type ReadAgain = (range: ObjectRange) => ReturnType<ReadRange>;

/**
 * Starts to compare the bytes of an object with its ETag, which may be their MD5; `undefined` if it or the ETags of the service
 * are not, or the runtime has no incremental MD5.
 *
 * Not every ETag of this form is an MD5. If it differs, the object is read again: equal bytes were not damaged on the way.
 *
 * @param opened The response with the whole object or its first range.
 */
export function beginMd5Check(
  client: S3Client,
  target: ObjectTarget,
  { head, headers }: Pick<FoundObject, "head" | "headers">,
  read: ReadRange,
): ByteCheck | undefined {
  const { service, settings } = client;
  const md5 = possibleMd5(settings, headers);
  const sum = md5 === undefined || OTHER_ETAGS.has(service) ? undefined : beginChecksum("MD5");
  const { bucket, key } = target;
  const compare = async (received: string): Promise<void> => {
    const again = await digestAgain(
      head.size,
      (range) => read(client, { ...target, ...range, sameAs: head }, undefined, false),
    );
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
      return isPromise(digest) ? digest.then(settle) : settle(digest);
    },
  };
}

/** The MD5 of a second read, in two halves: what damages the same byte of each response damages another one of the object. */
async function digestAgain(size: number, read: ReadAgain): Promise<string> {
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

/**
 * The ETag of an object, in hexadecimal without quotes, if it may be the MD5 of the bytes and nothing else protects these:
 * over plain HTTP, outside of AWS.
 * With keys of KMS or of the customer it only looks like an MD5; that of an upload in parts has "-" and their number.
 */
function possibleMd5(
  { endpointUrl, responseChecksumValidation }: S3Client["settings"],
  headers: Headers,
): string | undefined {
  if (endpointUrl?.protocol !== "http:" || responseChecksumValidation === "when_required") return undefined;
  const md5 = /^"?([\da-f]{32})"?$/.exec(headers.get("etag") ?? "")?.[1];
  return md5 === undefined || isAws({ endpointUrl }) || hasOtherETags(headers) ? undefined : md5;
}

/** Whether the ETag of an object is certainly not the MD5 of its bytes, because they are encrypted. */
export function hasOtherETags(headers: Headers): boolean {
  return /kms/.test(headers.get("x-amz-server-side-encryption") ?? "") ||
    headers.has("x-amz-server-side-encryption-customer-algorithm");
}
