import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../credentials/provider.ts";
import { sha256Hex } from "../kit/sha256.ts";
import { amzDate, signingKey, UNSIGNED_PAYLOAD } from "./signing_key.ts";

export { UNSIGNED_PAYLOAD };

/** What a signature covers. */
export interface SigningInput {
  readonly method: string;
  /** The URL, its path and query already percent-encoded as RFC 3986 has it. */
  readonly url: string;
  /** Every header that will be sent, but `host` and `content-length`. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal, or {@linkcode UNSIGNED_PAYLOAD}. */
  readonly payloadHash: string;
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
}

/**
 * Signs a request with SigV4 in its headers.
 *
 * aws4fetch does the canonicalising, in its constructor. The hash and the code over it are computed here, from a
 * cached key and without awaiting: aws4fetch's own `sign()` waits for WebCrypto three times, ten times the cost.
 *
 * @returns The headers to send, in lower case.
 */
export function signRequest(input: SigningInput): Headers {
  const { credentials, region, service, payloadHash } = input;
  const signer = new AwsV4Signer({
    method: input.method,
    url: input.url,
    headers: { ...input.headers, "x-amz-content-sha256": payloadHash },
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
    region,
    service,
    datetime: amzDate(input.date),
    allHeaders: true,
  });
  const canonicalRequest = [
    signer.method,
    signer.encodedPath,
    signer.encodedSearch,
    signer.canonicalHeaders,
    "",
    signer.signedHeaders,
    payloadHash,
  ].join("\n");
  const stringToSign = `AWS4-HMAC-SHA256\n${signer.datetime}\n${signer.credentialString}\n${
    sha256Hex(canonicalRequest)
  }`;
  const key = signingKey(credentials, signer.datetime.slice(0, 8), region, service);
  signer.headers.set(
    "authorization",
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${signer.credentialString}, ` +
      `SignedHeaders=${signer.signedHeaders}, Signature=${key.signHex(stringToSign)}`,
  );
  return signer.headers;
}
