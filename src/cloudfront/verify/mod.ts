/**
 * Verifies signed URLs and signed cookies as CloudFront does, for tests of what `@storages/s3/cloudfront` signs. This
 * is a separate entry, so that services that only sign do not include it.
 *
 * ```ts ignore
 * import { verifySignedUrl } from "@storages/s3/cloudfront/verify";
 *
 * const verdict = await verifySignedUrl(url, { publicKey: pem, at: new Date(), ipAddress: "203.0.113.7" });
 * console.log(verdict.valid || verdict.reason);
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
