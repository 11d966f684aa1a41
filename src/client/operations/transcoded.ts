import { NotSupportedError, type StorageErrorDetails } from "../../errors.ts";
import type { S3Request } from "../request.ts";

/**
 * The response with an object, with the headers of the object as it is stored. Of an object that it decompresses on the way,
 * Google Cloud Storage sends neither `Content-Length` nor `Content-Encoding`, and ignores `Range`; if `fetch` decompresses
 * it, some runtimes remove both.
 *
 * Source: Google Cloud Storage, "Transcoding of gzip-compressed files".
 *
 * @throws {NotSupportedError} If the bytes are not the stored ones, which the caller needs.
 */
export function storedResponse(response: Response, { operation, bucket, key, decodes }: S3Request): Response {
  const { headers, status } = response;
  const coding = headers.get("x-goog-stored-content-encoding") ?? "identity";
  if (coding === "identity" || !/^(Get|Head)Object$/.test(operation)) return response;
  if (operation === "GetObject" && !decodes) {
    throw notAsStored("Google Cloud Storage", coding, { operation, bucket, key });
  }
  const stored = new Headers(headers);
  stored.set("content-encoding", coding);
  stored.set("content-length", headers.get("x-goog-stored-content-length")!);
  return new Response(response.body, { status, headers: stored });
}

/** The error for an object whose stored bytes are not available. */
export function notAsStored(service: string, coding: string, details: StorageErrorDetails): NotSupportedError {
  const { operation, bucket, key } = details;
  return new NotSupportedError(
    `Cannot read '${key}' as it is stored, or a range of it: ${service} or this runtime decompresses objects ` +
      `with Content-Encoding ${coding}. Read it with decompress: true, or set gzip to true`,
    { operation, bucket, key },
  );
}
