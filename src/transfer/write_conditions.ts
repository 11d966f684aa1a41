import { headObject, type ObjectTarget } from "../client/objects.ts";
import type { RequestHeaders } from "../client/request.ts";
import type { S3Client } from "../client/s3_client.ts";
import { isStorageError, PreconditionFailedError } from "../errors.ts";
import { matchesETag } from "../kit/etag.ts";

/** @throws {PreconditionFailedError} If what there is does not fulfil the conditions. */
export async function refuseUnlessHolding(
  client: S3Client,
  target: ObjectTarget,
  { "if-match": ifMatch, "if-none-match": ifNoneMatch }: RequestHeaders,
): Promise<void> {
  const etag = await headObject(client, target).then((head) => head.etag, (error) => {
    if (ifMatch === undefined && isStorageError(error, "NotFound")) return undefined;
    throw error;
  });
  const fails = (ifMatch !== undefined && !matchesETag(ifMatch, etag)) ||
    (ifNoneMatch !== undefined && matchesETag(ifNoneMatch, etag));
  const { bucket, key } = target;
  if (fails) throw new PreconditionFailedError(`The object is not as it had to be: ${key}`, { bucket, key });
}
