/**
 * A private key for CloudFront: PEM (PKCS#1, PKCS#8 or SEC1; text or bytes; line breaks may be written `\n`, as in
 * environment variables), DER, JWK, or a CryptoKey.
 *
 * @example
 * ```ts
 * import { type CloudFrontPrivateKey, CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const privateKey: CloudFrontPrivateKey = await crypto.subtle.exportKey("jwk", pair.privateKey);
 * assertEquals(new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey }).keyId, "K2JCJMDEHXQW5F");
 * ```
 */
export type CloudFrontPrivateKey = string | Uint8Array | ArrayBuffer | JsonWebKey | CryptoKey;
