import {
  PermissionDeniedError,
  ServiceError,
  type StorageError,
  type StorageErrorDetails,
  ThrottledError,
  UnauthenticatedError,
} from "../errors.ts";

/** A class whose instances describe the failure of a request. */
export type ErrorClass = new (message: string, details: StorageErrorDetails) => StorageError;

/** Error codes and HTTP statuses, separated by spaces, that mean an error of a class. */
export type ErrorRow = readonly [errorClass: ErrorClass, codes: string];

/**
 * The codes that more than one service of AWS uses.
 * Source: the "Common errors" of the S3, STS, IAM Identity Center and CloudFront API references.
 */
const COMMON: readonly ErrorRow[] = [
  [PermissionDeniedError, "403 AccessDenied"],
  [
    UnauthenticatedError,
    "401 ExpiredToken IncompleteSignature InvalidClientTokenId MissingAuthenticationToken RequestExpired " +
    "SignatureDoesNotMatch",
  ],
  [ThrottledError, "429 503 RequestLimitExceeded SlowDown Throttling TooManyRequests"],
];

/**
 * The class for an error response of a service: by its code where that is known, else by the status.
 *
 * @param own Codes and statuses of the service alone.
 */
export function errorClassOf(code: string | undefined, status: number, own: readonly ErrorRow[]): ErrorClass {
  const classOf = (id: unknown): ErrorClass | undefined =>
    [...own, ...COMMON].find(([, codes]) => codes.split(" ").includes(`${id}`))?.[0];
  return classOf(code) ?? classOf(status) ?? ServiceError;
}
