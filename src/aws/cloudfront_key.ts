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
export type CloudFrontPrivateKey = string | Uint8Array | ArrayBuffer | CloudFrontJwk | CloudFrontCryptoKey;

/**
 * A key of WebCrypto: every `CryptoKey`. Its members are listed because not every type library declares `CryptoKey`:
 * those of Node and Bun do not declare it as a global type.
 *
 * @example
 * ```ts
 * import { type CloudFrontCryptoKey, CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
 * const privateKey: CloudFrontCryptoKey = pair.privateKey;
 * assertEquals(new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey }).hash, "SHA-1");
 * ```
 */
export interface CloudFrontCryptoKey {
  /** The kind of key: `"private"` to sign, `"public"` to verify. */
  readonly type: string;
  /** Whether the key can be exported. */
  readonly extractable: boolean;
  /** The algorithm: `"RSASSA-PKCS1-v1_5"`, or `"ECDSA"` on P-256. */
  readonly algorithm: { readonly name: string };
  /** What the key may be used for, such as `"sign"`. */
  readonly usages: readonly string[];
}

/**
 * A private key as a JSON Web Key: every `JsonWebKey` of WebCrypto, with the members of RFC 7517 and RFC 7518, section
 * 6. They are listed because not every type library declares `JsonWebKey`.
 *
 * @example
 * ```ts
 * import { type CloudFrontJwk, CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const stored = JSON.stringify(await crypto.subtle.exportKey("jwk", pair.privateKey));
 * const privateKey: CloudFrontJwk = JSON.parse(stored);
 * assertEquals(new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey }).keyId, "K2JCJMDEHXQW5F");
 * ```
 */
export interface CloudFrontJwk {
  /** The kind of key: `"RSA"` or `"EC"`. */
  readonly kty?: string | undefined;
  /** The curve of an EC key: `"P-256"`. */
  readonly crv?: string | undefined;
  /** The private exponent (RSA), or the private key (EC). */
  readonly d?: string | undefined;
  /** The modulus (RSA). */
  readonly n?: string | undefined;
  /** The public exponent (RSA). */
  readonly e?: string | undefined;
  /** The first prime factor (RSA). */
  readonly p?: string | undefined;
  /** The second prime factor (RSA). */
  readonly q?: string | undefined;
  /** The first factor's exponent (RSA). */
  readonly dp?: string | undefined;
  /** The second factor's exponent (RSA). */
  readonly dq?: string | undefined;
  /** The first coefficient (RSA). */
  readonly qi?: string | undefined;
  /** The x coordinate (EC). */
  readonly x?: string | undefined;
  /** The y coordinate (EC). */
  readonly y?: string | undefined;
  /** The algorithm. It is ignored, like all members below. */
  readonly alg?: string | undefined;
  /** The use of the key. */
  readonly use?: string | undefined;
  /** The operations that the key is for. */
  readonly key_ops?: readonly string[] | undefined;
  /** Whether the key can be exported. */
  readonly ext?: boolean | undefined;
  /** The id of the key. */
  readonly kid?: string | undefined;
}
