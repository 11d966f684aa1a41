import { changed, headObject, type ObjectTarget, type ResponseHead } from "../client/operations/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { peek } from "../kit/bytes/peek.ts";
import type { ObjectBody } from "../transfer/read/object_reader.ts";

/**
 * Asks for the content encoding of an object if its bytes begin like gzip. The returned stream has all of the bytes.
 *
 * @throws {PreconditionFailedError} If the object has changed since it was opened.
 */
export async function findEncoding(
  client: S3Client,
  target: ObjectTarget,
  opened: Pick<ObjectBody, "body"> & { readonly head: ResponseHead },
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
