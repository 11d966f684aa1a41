import { isStorageError, NotFoundError } from "../../errors.ts";

/** Reports a missing object as a missing file, with S3's own error as the cause. */
export function explainMissing(error: unknown, key: string): unknown {
  if (!isStorageError(error, "NotFound") || error.s3Code === "NoSuchBucket") return error;
  const { response } = error;
  return new NotFoundError(`File does not exist: ${key}`, { ...error, key, response, cause: error });
}
