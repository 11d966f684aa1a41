/** The keys of the tests, in all forms. */
import botocoreKey from "../../vectors/cloudfront_key.json" with { type: "json" };
import opensslKeys from "../../vectors/cloudfront_keys.json" with { type: "json" };
import { CloudFrontSigner, type CloudFrontSignerOptions } from "../../../src/cloudfront/mod.ts";

export const KEY_ID = "K2JCJMDEHXQW5F";

export const RSA_PKCS1_DER = bytesOf(botocoreKey.pkcs1Der);
export const RSA_PKCS8_DER = bytesOf(botocoreKey.pkcs8Der);
export const RSA_PKCS1_PEM = pemOf("RSA PRIVATE KEY", botocoreKey.pkcs1Der);
export const RSA_PKCS8_PEM = pemOf("PRIVATE KEY", botocoreKey.pkcs8Der);
export const RSA_PUBLIC_PEM = pemOf("PUBLIC KEY", botocoreKey.spkiDer);
export { opensslKeys };

/** A signer with the RSA key of botocore's vectors. */
export function rsaSigner(options: Partial<CloudFrontSignerOptions> = {}): CloudFrontSigner {
  return new CloudFrontSigner({ keyId: KEY_ID, privateKey: RSA_PKCS8_PEM, ...options });
}

/** A signer with OpenSSL's P-256 key. */
export function ecdsaSigner(options: Partial<CloudFrontSignerOptions> = {}): CloudFrontSigner {
  return new CloudFrontSigner({ keyId: KEY_ID, privateKey: opensslKeys.p256.sec1, ...options });
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function pemOf(label: string, base64: string): string {
  return `-----BEGIN ${label}-----\n${base64.replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;
}

export function date(epochSeconds: number): Date {
  return new Date(epochSeconds * 1000);
}

/** Returns the value of a parameter, decoded from CloudFront's base64. */
export function decodedParameter(url: string, name: string): Uint8Array<ArrayBuffer> {
  const value = new URL(url).searchParams.get(name)!;
  return bytesOf(value.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/"));
}
