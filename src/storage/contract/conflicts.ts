import { AlreadyExistsError, NotFoundError, PreconditionFailedError } from "../../errors.ts";

/** For a call whose ifMatch or ifNoneMatch the stored object does not satisfy. */
export function preconditionFailed(key: string, cause?: unknown): PreconditionFailedError {
  const message = `Precondition failed for '${key}': its ETag does not satisfy ifMatch or ifNoneMatch`;
  return new PreconditionFailedError(message, { key, cause });
}

/** For a call that must not replace the stored object. */
export function alreadyExists(key: string, cause?: unknown): AlreadyExistsError {
  return new AlreadyExistsError(`File already exists: ${key}`, { key, cause });
}

/** For a call whose object does not exist. */
export function notFound(key: string, cause?: unknown): NotFoundError {
  return new NotFoundError(`File does not exist: ${key}`, { key, cause });
}
