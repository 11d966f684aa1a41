import { AlreadyExistsError, PreconditionFailedError } from "../../errors.ts";

/** What a call fails with whose condition the stored file does not satisfy. */
export function preconditionFailed(key: string, cause?: unknown): PreconditionFailedError {
  const message = `Precondition failed for '${key}': its ETag does not satisfy the condition`;
  return new PreconditionFailedError(message, { key, cause });
}

/** What a call fails with that may not replace the stored file. */
export function alreadyExists(key: string, cause?: unknown): AlreadyExistsError {
  return new AlreadyExistsError(`File exists already: ${key}`, { key, cause });
}
