import { childText } from "../../kit/text/xml.ts";
import { OWNER, parseCannedAcl, refuseGrants } from "../authentication/acl.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { bucketOf } from "../protocol/request.ts";
import { parseDocument } from "../protocol/request_documents.ts";

/** ListBuckets. */
export function listBuckets(context: OperationContext): Response {
  return xmlResponse("ListAllMyBucketsResult", {
    Owner: OWNER,
    Buckets: {
      Bucket: context.store.all.map((bucket) => ({ Name: bucket.name, CreationDate: bucket.created.toISOString() })),
    },
  });
}

/** CreateBucket. */
export function createBucket(context: OperationContext): Response {
  const name = bucketOf(context.request);
  refuseGrants(context.headers);
  if (context.payload.bytes.length > 0) {
    const constraint = childText(
      parseDocument(context.payload.bytes, "CreateBucketConfiguration"),
      "LocationConstraint",
    );
    if (constraint !== undefined && constraint !== context.region) {
      throw new S3ServerError(
        "IllegalLocationConstraintException",
        `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      );
    }
  }
  // In us-east-1 only, S3 accepts the creation of a bucket that the owner already has.
  if (context.region !== "us-east-1" || context.store.find(name) === undefined) {
    context.store.create(name, context.now, parseCannedAcl(context.headers.get("x-amz-acl")));
  }
  return emptyResponse(200, { location: `/${name}` });
}

/** HeadBucket. */
export function headBucket(context: OperationContext): Response {
  targetBucket(context);
  return emptyResponse(200, { "x-amz-bucket-region": context.region, "content-type": "application/xml" });
}

/** DeleteBucket. */
export function deleteBucket(context: OperationContext): Response {
  context.store.delete(bucketOf(context.request));
  return emptyResponse(204);
}
