/**
 * Signed URLs and signed cookies for private content on CloudFront, on WebCrypto alone: no other part of this package comes
 * along, so it fits into an edge function.
 *
 * ```ts ignore
 * import { CloudFrontSigner } from "@storages/s3/cloudfront";
 *
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: process.env.CLOUDFRONT_PRIVATE_KEY });
 * const url = await signer.sign("https://cdn.example.com/video.mp4", { expiresInSeconds: 3600 });
 * ```
 *
 * - {@linkcode CloudFrontSigner.sign} signs one URL, with a canned or a custom policy.
 * - {@linkcode CloudFrontSigner.cookies} makes signed cookies, with their `Set-Cookie` headers.
 * - {@linkcode CloudFrontSigner.reuse} signs one policy for all below a prefix, and then any number of URLs at no cost.
 *
 * `@storages/s3/cloudfront/verify` judges both in your tests, and `@storages/s3/cloudfront/invalidation` empties caches.
 *
 * @module
 */
export {
  CloudFrontSigner,
  type CloudFrontSignerOptions,
  type CloudFrontSignOptions,
  type ReusablePolicy,
} from "./signer.ts";
export { cloudFrontPolicy, type CloudFrontPolicyOptions } from "./policy.ts";
export type { CloudFrontCookieAttributes, SignedCookies } from "./cookies.ts";
export type { CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
export type { CloudFrontHash } from "./private_key.ts";
