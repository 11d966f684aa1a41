import { ConfigurationError } from "../errors.ts";
import { nearest } from "../kit/text/closest.ts";
import { formatValue } from "../kit/values/format_value.ts";

/** The known canned ACLs; `project-private` is Google's. */
const CANNED_ACLS = [
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "aws-exec-read",
  "bucket-owner-read",
  "bucket-owner-full-control",
  "project-private",
] as const satisfies readonly CannedAcl[];

/**
 * A canned ACL of S3, which editors complete, or of another service.
 *
 * Source: AWS, "Access control list (ACL) overview".
 *
 * @example
 * ```ts
 * import type { CannedAcl } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const acl: CannedAcl = "public-read";
 * assertEquals(acl, "public-read");
 * ```
 */
export type CannedAcl =
  | "private"
  | "public-read"
  | "public-read-write"
  | "authenticated-read"
  | "aws-exec-read"
  | "bucket-owner-read"
  | "bucket-owner-full-control"
  | "project-private"
  | (string & Record<never, never>);

/**
 * Refuses a misspelt canned ACL, such as `public`. Other words are accepted, as services have their own.
 *
 * @param Refusal The error for it: `TypeError` for the argument of a call.
 * @throws {ConfigurationError} If it resembles a canned ACL of S3.
 */
export function checkAcl(
  name: string,
  acl: CannedAcl | undefined,
  Refusal: new (message: string) => Error = ConfigurationError,
): void {
  if (typeof acl !== "string" || CANNED_ACLS.some((known) => known === acl)) return;
  // A longer word may be an ACL of another service: Huawei has "public-read-delivered".
  const meant = nearest(acl, CANNED_ACLS).filter((known) => known.length + 2 >= acl.length);
  if (meant.length === 0) return;
  throw new Refusal(
    `${name} must be a canned ACL such as "private", got ${formatValue(acl)}. Did you mean ${meant.join(" or ")}?`,
  );
}
