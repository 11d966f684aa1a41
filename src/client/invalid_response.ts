import { ServiceError, type StorageErrorDetails } from "../errors.ts";

/** The error for a response that breaks the protocol; `problem` completes the message, such as `missing ETag`. */
export function invalidResponse(operation: string, problem: string, details: StorageErrorDetails): ServiceError {
  const { bucket, key, cause } = details;
  return new ServiceError(`Invalid response to ${operation}: ${problem}`, { operation, bucket, key, cause });
}
