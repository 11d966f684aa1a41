import { type AnsweredHead, changed, headObject, type ObjectTarget } from "../client/operations/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { peek } from "../kit/bytes/peek.ts";
import type { ObjectBody } from "../transfer/read/object_reader.ts";

/**
 * How an object is encoded, where its bytes begin as gzip; and the bytes, still all of them.
 *
 * @throws {PreconditionFailedError} If the object is no longer the one that was opened.
 */
export async function findEncoding(
  client: S3Client,
  target: ObjectTarget,
  opened: Pick<ObjectBody, "body"> & { readonly head: AnsweredHead },
): Promise<{ readonly stream: ReadableStream<Uint8Array>; readonly contentEncoding: string | undefined }> {
  const { head: [first, second], stream } = await peek(opened.body, 2);
  if (first !== 0x1f || second !== 0x8b) return { stream, contentEncoding: undefined };
  try {
    const { etag, contentEncoding } = await headObject(client, target);
    if (etag !== opened.head.etag) throw changed(target);
    return { stream, contentEncoding };
  } catch (error) {
    await stream.cancel();
    throw error;
  }
}
