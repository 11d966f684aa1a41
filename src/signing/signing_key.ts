import type { Credentials } from "../credentials/provider.ts";
import { HmacSha256 } from "../kit/sha256.ts";

/** A payload hash that says that the body is not part of the signature. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** Enough for a service that talks to a few regions around midnight; beyond it, all are forgotten and made again. */
const KEYS_PER_CREDENTIALS = 16;

/**
 * Signing keys by their credentials, then by day, region and service. Held weakly, so that rotated credentials take
 * their keys along, and so that no cache key holds a secret.
 */
const cache = new WeakMap<Credentials, Map<string, HmacSha256>>();

/** The scope of a signature: `20130524/us-east-1/s3/aws4_request`. */
export function credentialScope(day: string, region: string, service: string): string {
  return `${day}/${region}/${service}/aws4_request`;
}

/**
 * The key that signs for one day, region and service, derived once.
 * Source: AWS, "Create a signed AWS API request", step 4.
 */
export function signingKey(credentials: Credentials, day: string, region: string, service: string): HmacSha256 {
  let keys = cache.get(credentials);
  if (keys === undefined) cache.set(credentials, keys = new Map());
  const scope = credentialScope(day, region, service);
  let key = keys.get(scope);
  if (key === undefined) {
    let derived = new HmacSha256(`AWS4${credentials.secretAccessKey}`).sign(day);
    for (const step of [region, service, "aws4_request"]) derived = new HmacSha256(derived).sign(step);
    if (keys.size >= KEYS_PER_CREDENTIALS) keys.clear();
    keys.set(scope, key = new HmacSha256(derived));
  }
  return key;
}

/** A date as SigV4 writes it: `20130524T000000Z`. */
export function amzDate(date: Date): string {
  return date.toISOString().replace(/[:-]|\.\d{3}/g, "");
}
