import type { Identity } from "./authentication/identity.ts";
import type { Payload } from "./payload/payload.ts";
import { bucketOf, type S3Request } from "./protocol/request.ts";
import type { Bucket } from "./store/bucket.ts";
import type { BucketStore } from "./store/bucket_store.ts";

/** The input of every operation: the checked request, and the state of the server. */
export interface OperationContext {
  readonly request: S3Request;
  /** The request's headers, with the `x-amz-*` parameters of a presigned URL among them. */
  readonly headers: Headers;
  readonly payload: Payload;
  readonly identity: Identity;
  readonly store: BucketStore;
  /** In whole seconds, as S3 keeps its times. */
  readonly now: Date;
  readonly region: string;
  readonly minPartSize: number;
  readonly maxCopySize: number;
  /** Whether a restoration is complete as soon as it is requested. */
  readonly instantRestore: boolean;
}

/** The permission that an anonymous request needs. */
export type Access = "owner" | "read bucket" | "write bucket" | "read object";

/** One operation of the S3 API. */
export interface Operation {
  /** The name in the API reference, such as `ListObjectsV2`. */
  readonly name: string;
  readonly access: Access;
  readonly run: (context: OperationContext) => Response | Promise<Response>;
}

/** The bucket an operation works on; it must exist. */
export function targetBucket(context: OperationContext): Bucket {
  return context.store.get(bucketOf(context.request));
}

/** A response with headers only. */
export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers });
}
