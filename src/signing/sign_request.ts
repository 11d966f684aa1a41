import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../credentials/provider.ts";
import type { SyncHash } from "../kit/sync_hash.ts";
import { amzDate, UNSIGNED_PAYLOAD } from "./amz_values.ts";

/** A request to sign in its headers. */
export interface SigningInput {
  readonly method: string;
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
  /** Without it aws4fetch asks WebCrypto, which takes ten times as long because it has to be waited for. */
  readonly hash?: SyncHash | undefined;
  /** The URL, its path and query already percent-encoded as RFC 3986 has it. */
  readonly url: string;
  /** Every header that will be sent, but `host` and `content-length`. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/** Enough for a service that talks to a few regions around midnight; beyond it, all are forgotten and made again. */
const KEYS_PER_CREDENTIALS = 16;

/**
 * Signing keys by secret, day, region and service. Their names hold the secret, as aws4fetch's do, so they are kept with
 * the credentials, weakly, and go with them.
 */
const keysOf = new WeakMap<Credentials, Map<string, ArrayBuffer>>();

/** aws4fetch's signer, which hashes without waiting where it is given what to hash with. */
class Signer extends AwsV4Signer {
  hash: SyncHash | undefined;

  override async signature(): Promise<string> {
    const { hash, credentialString } = this;
    if (hash === undefined) return await super.signature();
    const canonicalRequest = [
      this.method,
      this.encodedPath,
      this.encodedSearch,
      this.canonicalHeaders,
      "",
      this.signedHeaders,
      this.headers.get("x-amz-content-sha256") ?? UNSIGNED_PAYLOAD,
    ].join("\n");
    const name = this.secretAccessKey + credentialString;
    const key = this.cache.get(name) ?? this.#deriveKey(hash, name);
    const digest = hash.sha256Hex(canonicalRequest);
    return hash.hmacHex(
      new Uint8Array(key),
      `AWS4-HMAC-SHA256\n${this.datetime}\n${credentialString}\n${digest}`,
    );
  }

  #deriveKey(hash: SyncHash, name: string): ArrayBuffer {
    let key: string | Uint8Array = `AWS4${this.secretAccessKey}`;
    for (const step of this.credentialString.split("/")) key = hash.hmac(key, step);
    const buffer = new Uint8Array(key as Uint8Array).buffer;
    this.cache.set(name, buffer);
    return buffer;
  }
}

/**
 * Signs a request with SigV4 in its headers, by aws4fetch.
 *
 * @returns The headers to send, in lower case.
 */
export async function signRequest(input: SigningInput): Promise<Headers> {
  const { method, url, credentials, region, service, date, hash } = input;
  let keys = keysOf.get(credentials);
  if (keys === undefined || keys.size >= KEYS_PER_CREDENTIALS) keysOf.set(credentials, keys = new Map());
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new Signer({
    method,
    url,
    headers: { ...input.headers, "x-amz-content-sha256": input.payloadHash },
    allHeaders: true,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    cache: keys,
    region,
    service,
    datetime: amzDate(date),
  });
  signer.hash = hash;
  return (await signer.sign()).headers;
}
