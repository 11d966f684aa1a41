import { child, childText } from "../../kit/text/xml.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { parseDocument } from "../protocol/request_documents.ts";
import type { Bucket } from "../store/bucket.ts";
import type { StoredObject } from "../store/stored_object.ts";
import { isArchive, isBeingRestored, isRestored } from "./storage_class.ts";
import { requestedObject } from "./versions.ts";

const TIERS: ReadonlySet<string> = new Set(["Standard", "Bulk", "Expedited"]);

/** The most days for which S3 keeps a restored copy. */
const MAX_DAYS = 2 ** 31 - 1;

const DAY = 24 * 60 * 60 * 1000;

/** RestoreObject: 202 when the restoration begins, 200 when it only changes how long a restored copy is kept. */
export function restoreObject(context: OperationContext): Response {
  const { now } = context;
  const bucket = targetBucket(context), object = requestedObject(context);
  const { days, tier } = parseRestoreRequest(context.payload.bytes);
  if (!isArchive(object.storageClass)) {
    throw new S3ServerError(
      "InvalidObjectState",
      "Restore is not allowed for the object's current storage class",
      { StorageClass: object.storageClass },
    );
  }
  if (tier === "Expedited" && object.storageClass === "DEEP_ARCHIVE") {
    throw invalidArgument("Retrieval option is not supported by this storage class", "Tier", tier);
  }
  if (isBeingRestored(object)) throw new S3ServerError("RestoreAlreadyInProgress");
  const restored = isRestored(object, now);
  const expires = restored || context.instantRestore ? expiryDate(now, days) : undefined;
  bucket.update({ ...object, restore: { days, expires } });
  return emptyResponse(restored ? 200 : 202);
}

/** Completes the restorations that are in progress in a bucket. */
export function completeRestores(bucket: Bucket, now: Date): void {
  for (const object of bucket.versionedKeys.flatMap((key) => bucket.versions(key))) {
    if (object.isDeleteMarker || !isBeingRestored(object)) continue;
    const { days } = object.restore as NonNullable<StoredObject["restore"]>;
    bucket.update({ ...object, restore: { days, expires: expiryDate(now, days) } });
  }
}

/** S3 rounds the end up to midnight UTC. */
function expiryDate(now: Date, days: number): Date {
  return new Date(Math.ceil((now.getTime() + days * DAY) / DAY) * DAY);
}

function parseRestoreRequest(bytes: Uint8Array): { days: number; tier: string } {
  const root = parseDocument(bytes, "RestoreRequest");
  for (const name of ["Type", "SelectParameters", "OutputLocation"]) {
    if (child(root, name) !== undefined) throw new S3ServerError("NotImplemented", undefined, { Element: name });
  }
  const days = childText(root, "Days")?.trim() ?? "";
  const job = child(root, "GlacierJobParameters");
  const tier = (job && childText(job, "Tier") || childText(root, "Tier"))?.trim() ?? "Standard";
  if (!/^-?\d+$/.test(days) || !TIERS.has(tier)) throw new S3ServerError("MalformedXML");
  if (Number(days) < 1 || Number(days) > MAX_DAYS) {
    throw invalidArgument("restoration days should be at least 1", "Days", days);
  }
  return { days: Number(days), tier };
}
