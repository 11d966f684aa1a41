import { CredentialsTimeout } from "../../credentials/time_limit.ts";
import { ConnectionError, type StorageError, TimeoutError } from "../../errors.ts";

/** The S3 code of a conditional write that met another write of the object in progress. */
export const CONFLICT = "ConditionalRequestConflict";

/** S3 codes of requests that the service rejected before it began. */
export const REJECTED_CODES =
  /^(OperationAborted|ConditionalRequestConflict|RequestTimeout|ServiceUnavailable|SlowDown|Throttling(Exception)?|RequestLimitExceeded|TooManyRequests)$/;

/** S3 codes of other transient failures, whatever their status; damaged bodies were damaged in transit. */
const TRANSIENT_CODES = /^(InternalError|BadDigest|XAmzContentSHA256Mismatch)$/;

/** Whether a failure is temporary, so that a retry may succeed. */
export function isTransient(error: StorageError): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return !(error instanceof CredentialsTimeout);
  if (TRANSIENT_CODES.test(error.s3Code ?? "") || REJECTED_CODES.test(error.s3Code ?? "")) return true;
  // A captive portal or a proxy has responded in place of the service.
  if (error.status === undefined && error.response !== undefined) return true;
  const status = error.status ?? 0;
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
