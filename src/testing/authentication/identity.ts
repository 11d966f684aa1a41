import { S3ServerError } from "../protocol/errors.ts";
import { queryValue, type S3Request } from "../protocol/request.ts";
import type { CredentialBook } from "./credential_book.ts";

/** The maximum difference between the clocks of client and server, in milliseconds. */
export const MAX_CLOCK_SKEW = 15 * 60 * 1000;

/** The settings for checking signatures. */
export interface AuthenticationSettings {
  readonly credentials: CredentialBook;
  readonly region: string;
  readonly now: Date;
}

/** The input for checking the signatures of chunks. */
export interface ChunkSigning {
  /** The signature of the request, which starts the chain of chunk signatures. */
  readonly seed: string;
  readonly scope: string;
  readonly timestamp: string;
  readonly sign: (text: string) => Promise<string>;
}

/** The sender of a request, and the signed properties of its body. */
export interface Identity {
  /** `undefined` for a request without a signature. */
  readonly accessKeyId: string | undefined;
  /** Whether the signature is in the query; then `x-amz-*` parameters count as headers. */
  readonly presigned: boolean;
  /** The signed `x-amz-content-sha256`: a hash, UNSIGNED-PAYLOAD or one of the STREAMING- values. */
  readonly payload: string;
  readonly chunks?: ChunkSigning;
}

/** The identity of a request without a signature. */
export const ANONYMOUS: Identity = { accessKeyId: undefined, presigned: false, payload: "UNSIGNED-PAYLOAD" };

/** Refuses a request whose time differs by more than 15 minutes. */
export function checkClock(requestTime: Date, timestamp: string, now: Date): void {
  if (Math.abs(requestTime.getTime() - now.getTime()) <= MAX_CLOCK_SKEW) return;
  throw new S3ServerError("RequestTimeTooSkewed", undefined, {
    RequestTime: timestamp,
    ServerTime: now.toISOString(),
    MaxAllowedSkewMilliseconds: `${MAX_CLOCK_SKEW}`,
  });
}

/** The error for an expired presigned URL. */
export function expiredError(expires: Date, now: Date, details: Readonly<Record<string, string>> = {}): S3ServerError {
  return new S3ServerError("AccessDenied", "Request has expired", {
    ...details,
    Expires: expires.toISOString(),
    ServerTime: now.toISOString(),
  });
}

/** A query parameter that must not be repeated, as the signature would not determine which one counts. */
export function onlyValue(request: S3Request, name: string): string | undefined {
  if (request.query.filter((parameter) => parameter.name === name).length > 1) {
    throw new S3ServerError("AuthorizationQueryParametersError", `${name} must be given once`);
  }
  return queryValue(request, name);
}
