import { changed, headObject, type ObjectTarget, type ResponseHead } from "../client/operations/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { fitsType } from "../kit/bytes/file_signature.ts";
import { peek } from "../kit/bytes/peek.ts";
import { isTextSample, isTextType, SAMPLE_BYTES } from "../kit/bytes/text_sample.ts";
import type { ObjectBody } from "../transfer/read/object_reader.ts";

/** Types that compress well, besides text. */
const COMPRESSIBLE = /wasm|^font\/|^application\/(rtf|x-tar)|^image\/(bmp|vnd\.microsoft\.icon)/;

/**
 * Asks for the content encoding of an object if its bytes begin like gzip, or may be Brotli: of a type that compresses well,
 * and neither text nor with the signature of that type. The returned stream has all of the bytes.
 *
 * @throws {PreconditionFailedError} If the object has changed since it was opened.
 */
export async function findEncoding(
  client: S3Client,
  target: ObjectTarget,
  opened: Pick<ObjectBody, "body"> & { readonly head: ResponseHead },
): Promise<{ readonly stream: ReadableStream<Uint8Array>; readonly contentEncoding: string | undefined }> {
  const { head, stream } = await peek(opened.body, SAMPLE_BYTES);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  if (!isGzip && !mayBeBrotli(head, opened.head.all().contentType ?? "")) return { stream, contentEncoding: undefined };
  try {
    const { etag, contentEncoding } = await headObject(client, target);
    if (etag !== opened.head.etag) throw changed(target);
    return { stream, contentEncoding };
  } catch (error) {
    await stream.cancel();
    throw error;
  }
}

function mayBeBrotli(head: Uint8Array, contentType: string): boolean {
  if (head.byteLength === 0) return false;
  const type = contentType.split(";")[0]!.trim().toLowerCase();
  const isCandidate = isTextType(type) || (COMPRESSIBLE.test(type) && !fitsType(type, head));
  return isCandidate && !isTextSample(head);
}
