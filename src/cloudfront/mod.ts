/**
 * Signed URLs and signed cookies for private content on CloudFront. This entry uses only WebCrypto and imports no other
 * part of this package, so it is small enough for an edge function.
 *
 * ```ts
 * import { CloudFrontSigner } from "@storages/s3/cloudfront";
 *
 * const key = { name: "ECDSA", namedCurve: "P-256" }; // usually a PEM in the environment
 * const { privateKey } = await crypto.subtle.generateKey(key, false, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey });
 * const url = await signer.sign("https://cdn.example.com/video.mp4", { expiresIn: 3600 });
 * ```
 *
 * - {@linkcode CloudFrontSigner.sign} signs one URL, with a canned or a custom policy.
 * - {@linkcode CloudFrontSigner.cookies} makes signed cookies, with their `Set-Cookie` headers.
 * - {@linkcode CloudFrontSigner.reuse} signs one policy for a prefix, and with it any number of URLs synchronously.
 *
 * `@storages/s3/cloudfront/verify` verifies both in your tests, and `@storages/s3/cloudfront/invalidation` invalidates
 * caches.
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
export type { CloudFrontCryptoKey, CloudFrontJwk, CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
export type { CloudFrontHash } from "./private_key.ts";
