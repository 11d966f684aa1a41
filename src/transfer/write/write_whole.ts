import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { putWhole } from "./put.ts";
import type { PartPlan, WriteParameters, WrittenVersion } from "./write_parameters.ts";

/** Writes an object from a Blob or an array, without copying it: in one request, or in parts if it is large. */
export function writeWhole(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  plan: PartPlan,
  body: Bytes | Blob,
): Promise<WrittenVersion> {
  const length = body instanceof Blob ? body.size : body.byteLength;
  if (length < plan.multipartThreshold) return putWhole(client, target, parameters, body);
  // Loaded on demand: most objects are small.
  return import("./large_write.ts").then(({ writeLarge }) => writeLarge(client, target, parameters, plan, body));
}
