import { errorDocument } from "./documents.ts";
import { S3ServerError } from "./errors.ts";
import type { S3Request } from "./request.ts";

/** A response with an error document, or without a body where HTTP does not allow one. */
export function errorResponse(
  error: S3ServerError,
  request: Pick<S3Request, "method" | "rawPath">,
  ids: { readonly requestId: string; readonly hostId: string },
): Response {
  const headers = new Headers(error.headers);
  if (request.method === "HEAD" || error.status === 304) return new Response(null, { status: error.status, headers });
  headers.set("content-type", "application/xml");
  const document = errorDocument({
    Code: error.code,
    Message: error.message,
    ...error.details,
    ...("Key" in error.details || "BucketName" in error.details ? {} : { Resource: request.rawPath }),
    RequestId: ids.requestId,
    HostId: ids.hostId,
  });
  return new Response(document, { status: error.status, headers });
}

/** Converts a thrown value to an error of S3. Unexpected errors become InternalError with their message. */
export function toServerError(error: unknown): S3ServerError {
  if (error instanceof S3ServerError) return error;
  return new S3ServerError("InternalError", `We encountered an internal error: ${error}`);
}
