// deno-lint-ignore-file no-import-prefix -- only this needs the AWS SDK's signer
/** Creates signed CloudFront URLs, compared with the signer of the AWS SDK and with the bare signature of WebCrypto. */
import { getSignedUrl } from "npm:@aws-sdk/cloudfront-signer@^3.1166.0";
import { cloudFrontPolicy, CloudFrontSigner } from "../../src/cloudfront/mod.ts";
import type { Contender } from "./rounds.ts";

/** The names of the contenders. */
export const OURS = "CloudFrontSigner.sign";
export const SDK = "@aws-sdk/cloudfront-signer";
export const BARE = "WebCrypto's signature alone";
export const REUSE = "CloudFrontSigner.reuse";

/** The number of concurrent signatures, where possible. */
const AT_ONCE = 64;

const KEY_ID = "K2JCJMDEHXQW5F";
const PREFIX = "https://cdn.example.com/media/";
const EXPIRES = new Date("2030-01-01T00:00:00Z");

/**
 * The contenders. The bare signature is next to ours, since these two are compared.
 *
 * @throws {Error} If the URL of the AWS SDK differs from ours.
 */
export async function cloudFrontContenders(): Promise<Contender[]> {
  const pair = await crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const pem = await exportPem(pair.privateKey);
  const signer = new CloudFrontSigner({ keyId: KEY_ID, privateKey: pem });
  const reusable = await signer.reuse(PREFIX, { expiresAt: EXPIRES });
  const texts = Array.from(
    { length: AT_ONCE },
    (_, index) => new TextEncoder().encode(cloudFrontPolicy(urlOf(index), { expiresAt: EXPIRES })),
  );
  const sdkUrl = (index: number): string =>
    getSignedUrl({ url: urlOf(index), keyPairId: KEY_ID, privateKey: pem, dateLessThan: EXPIRES });
  const ourUrl = (index: number): Promise<string> => signer.sign(urlOf(index), { expiresAt: EXPIRES });
  assertSame(await ourUrl(1), sdkUrl(1));
  return [
    { name: SDK, batch: AT_ONCE, run: (from, count) => numbers(from, count).forEach(sdkUrl) },
    { name: OURS, batch: AT_ONCE, run: (from, count) => Promise.all(numbers(from, count).map(ourUrl)) },
    {
      name: BARE,
      batch: AT_ONCE,
      run: (from, count) =>
        Promise.all(
          numbers(from, count).map((index) =>
            crypto.subtle.sign("RSASSA-PKCS1-v1_5", pair.privateKey, texts[index % AT_ONCE]!)
          ),
        ),
    },
    {
      name: REUSE,
      batch: 20_000,
      run: (from, count) => {
        for (let index = from; index < from + count; index++) reusable.sign(urlOf(index));
      },
    },
  ];
}

function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

function urlOf(index: number): string {
  return `${PREFIX}${index}/thumbnail.jpg`;
}

async function exportPem(key: CryptoKey): Promise<string> {
  const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
  const base64 = btoa(String.fromCharCode(...der)).replace(/.{64}/g, "$&\n");
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
}

function assertSame(actual: string, expected: string): void {
  // The SDK puts the key id before the signature; otherwise both are equal.
  const sorted = (url: string): string => [...new URL(url).searchParams].sort().join();
  if (sorted(actual) !== sorted(expected)) throw new Error(`Two signers disagree: ${actual} and ${expected}`);
}
