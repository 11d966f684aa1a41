/**
 * Verifies signed URLs and signed cookies as CloudFront does, for tests of what `@storages/s3/cloudfront` signs. This
 * is a separate entry, so that services that only sign do not include it.
 *
 * ```ts
 * import { verifySignedUrl } from "@storages/s3/cloudfront/verify";
 * import { assertEquals } from "@std/assert";
 *
 * const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const verdict = await verifySignedUrl("https://cdn.example.com/a.jpg", { publicKey, ipAddress: "203.0.113.7" });
 * assertEquals(verdict, { valid: false, reason: "malformed" }); // it has no signature
 * ```
 *
 * @module
 */
export type { CloudFrontCryptoKey } from "../../aws/cloudfront_key.ts";
export {
  type CloudFrontVerdict,
  type CloudFrontVerifyOptions,
  verifySignedCookies,
  verifySignedUrl,
} from "./verify.ts";
