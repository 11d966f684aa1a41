import {
  getBucketAcl,
  getBucketLocation,
  getBucketVersioning,
  putBucketAcl,
  putBucketVersioning,
} from "./buckets/bucket_settings.ts";
import { createBucket, deleteBucket, headBucket, listBuckets } from "./buckets/buckets.ts";
import { listObjects, listObjectsV2 } from "./buckets/list_objects.ts";
import { listObjectVersions } from "./buckets/list_versions.ts";
import { completeMultipartUpload } from "./multipart/complete_upload.ts";
import { listMultipartUploads, listParts } from "./multipart/list_uploads.ts";
import { abortMultipartUpload, createMultipartUpload, uploadPart, uploadPartCopy } from "./multipart/uploads.ts";
import { copyObject } from "./objects/copy_object.ts";
import { deleteObject, deleteObjects } from "./objects/delete_objects.ts";
import {
  deleteObjectTagging,
  getObjectAcl,
  getObjectTagging,
  putObjectAcl,
  putObjectTagging,
} from "./objects/object_settings.ts";
import { getObject, headObject } from "./objects/read_object.ts";
import { restoreObject } from "./objects/restore_object.ts";
import { putObject } from "./objects/write_object.ts";
import type { Access, Operation } from "./operation.ts";
import { S3ServerError } from "./protocol/errors.ts";
import { queryValue, type S3Request } from "./protocol/request.ts";

/** Query parameters that select an operation of S3; those without an entry in the table below are not implemented. */
const SUBRESOURCES = [
  ..."acl tagging uploads uploadId delete location versioning versions restore".split(" "),
  ..."accelerate analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle".split(" "),
  ..."logging metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock".split(" "),
  ..."renameObject replication requestPayment retention select session torrent website".split(" "),
];

/** The operations by level, method and subresource: `object PUT tagging`. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  ([
    ["service GET", "ListBuckets", "owner", listBuckets],
    ["bucket PUT", "CreateBucket", "owner", createBucket],
    ["bucket HEAD", "HeadBucket", "read bucket", headBucket],
    ["bucket DELETE", "DeleteBucket", "owner", deleteBucket],
    ["bucket GET", "ListObjects", "read bucket", listObjects],
    ["bucket GET list-type", "ListObjectsV2", "read bucket", listObjectsV2],
    ["bucket GET location", "GetBucketLocation", "owner", getBucketLocation],
    ["bucket GET versioning", "GetBucketVersioning", "owner", getBucketVersioning],
    ["bucket PUT versioning", "PutBucketVersioning", "owner", putBucketVersioning],
    ["bucket GET versions", "ListObjectVersions", "read bucket", listObjectVersions],
    ["bucket GET acl", "GetBucketAcl", "owner", getBucketAcl],
    ["bucket PUT acl", "PutBucketAcl", "owner", putBucketAcl],
    ["bucket GET uploads", "ListMultipartUploads", "read bucket", listMultipartUploads],
    ["bucket POST delete", "DeleteObjects", "write bucket", deleteObjects],
    ["object GET", "GetObject", "read object", getObject],
    ["object HEAD", "HeadObject", "read object", headObject],
    ["object PUT", "PutObject", "write bucket", putObject],
    ["object PUT copy", "CopyObject", "owner", copyObject],
    ["object DELETE", "DeleteObject", "write bucket", deleteObject],
    ["object GET acl", "GetObjectAcl", "owner", getObjectAcl],
    ["object PUT acl", "PutObjectAcl", "owner", putObjectAcl],
    ["object GET tagging", "GetObjectTagging", "owner", getObjectTagging],
    ["object PUT tagging", "PutObjectTagging", "owner", putObjectTagging],
    ["object DELETE tagging", "DeleteObjectTagging", "owner", deleteObjectTagging],
    ["object POST restore", "RestoreObject", "owner", restoreObject],
    ["object POST uploads", "CreateMultipartUpload", "owner", createMultipartUpload],
    ["object PUT uploadId", "UploadPart", "owner", uploadPart],
    ["object PUT uploadId copy", "UploadPartCopy", "owner", uploadPartCopy],
    ["object GET uploadId", "ListParts", "owner", listParts],
    ["object POST uploadId", "CompleteMultipartUpload", "owner", completeMultipartUpload],
    ["object DELETE uploadId", "AbortMultipartUpload", "owner", abortMultipartUpload],
  ] satisfies [string, string, Access, Operation["run"]][]).map(([route, name, access, run]) => [
    route,
    { name, access, run },
  ]),
);

/** The names of all operations, those of forms too. */
export const OPERATION_NAMES: readonly string[] = [...[...OPERATIONS.values()].map(({ name }) => name), "PostObject"];

/** Finds the operation of a request. */
export function findOperation(request: S3Request): Operation {
  const level = request.bucket === undefined ? "service" : request.key === undefined ? "bucket" : "object";
  const asked = SUBRESOURCES.filter((name) => request.query.some((parameter) => parameter.name === name));
  const words = [level, request.method, ...asked];
  if (asked.length === 0 && level === "bucket" && queryValue(request, "list-type") === "2") words.push("list-type");
  if (level === "object" && request.method === "PUT" && request.headers.has("x-amz-copy-source")) words.push("copy");
  const operation = OPERATIONS.get(words.join(" "));
  if (operation !== undefined) return operation;
  if (asked.length > 0) throw new S3ServerError("NotImplemented", undefined, { ResourceType: asked.join(",") });
  throw new S3ServerError("MethodNotAllowed", undefined, { Method: request.method, ResourceType: level.toUpperCase() });
}
