import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { equalInConstantTime } from "../payload/digests.ts";
import { S3ServerError } from "../protocol/errors.ts";
import type { S3ServerCredentials } from "../server_options.ts";

/** The maximum number of cached signing keys; the cache is cleared then. */
const MAX_SIGNING_KEYS = 64;

/** The credentials of a server, and the keys derived from them. Secrets are never returned. */
export class CredentialBook {
  readonly #credentials: ReadonlyMap<string, S3ServerCredentials>;
  readonly #signingKeys = new Map<string, CryptoKey>();

  constructor(credentials: readonly S3ServerCredentials[]) {
    this.#credentials = new Map(credentials.map((pair) => [pair.accessKeyId, { ...pair }]));
  }

  /** Refuses unknown access keys, wrong session tokens and expired credentials. */
  check(accessKeyId: string, sessionToken: string | undefined, now: Date): void {
    const pair = this.#credentials.get(accessKeyId);
    if (pair === undefined) throw new S3ServerError("InvalidAccessKeyId", undefined, { AWSAccessKeyId: accessKeyId });
    if (!equalInConstantTime(sessionToken ?? "", pair.sessionToken ?? "")) throw new S3ServerError("InvalidToken");
    if (pair.expiration !== undefined && pair.expiration <= now) throw new S3ServerError("ExpiredToken");
  }

  /** The HMAC-SHA256 key of SigV4 for one day, region and service. */
  async signingKey(accessKeyId: string, date: string, region: string, service: string): Promise<CryptoKey> {
    const id = JSON.stringify([accessKeyId, date, region, service]);
    const known = this.#signingKeys.get(id);
    if (known !== undefined) return known;
    let key = await importKey("SHA-256", encodeUtf8(`AWS4${this.#secret(accessKeyId)}`));
    for (const step of [date, region, service, "aws4_request"]) {
      key = await importKey("SHA-256", new Uint8Array(await crypto.subtle.sign("HMAC", key, encodeUtf8(step))));
    }
    if (this.#signingKeys.size >= MAX_SIGNING_KEYS) this.#signingKeys.clear();
    this.#signingKeys.set(id, key);
    return key;
  }

  /** The HMAC-SHA1 key of SigV2, which is the secret itself. */
  async legacyKey(accessKeyId: string): Promise<CryptoKey> {
    return await importKey("SHA-1", encodeUtf8(this.#secret(accessKeyId)));
  }

  #secret(accessKeyId: string): string {
    return this.#credentials.get(accessKeyId)?.secretAccessKey ?? "";
  }
}

/** Signs text with a key of the book. */
export async function signWith(key: CryptoKey, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encodeUtf8(text)));
}

async function importKey(hash: string, bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign"]);
}
