import { ServiceError, type StorageErrorDetails } from "../errors.ts";

/** An answer without something it must have. */
export function lacking(operation: string, what: string, details: StorageErrorDetails): ServiceError {
  const { bucket, key, cause } = details;
  return new ServiceError(`${operation} was answered without ${what}`, { operation, bucket, key, cause });
}
