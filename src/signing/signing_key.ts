import type { Credentials } from "../aws/credentials.ts";
import type { HmacKey, MakeHmacKey } from "../kit/bytes/hmac_key.ts";

/**
 * Enough for a service that talks to a few regions around midnight. Beyond it, all entries are dropped and made again.
 */
const MAX_PER_CREDENTIALS = 16;

/**
 * Values derived from credentials, by credentials and id. The credentials are held weakly: the values of rotated ones
 * are collected with them, and no cache key holds a secret.
 */
const cache = new WeakMap<Credentials, Map<string, unknown>>();

/** Returns the value that `make` computes, once for each credentials and `id`. An `id` always has one type of value. */
export function memoize<Value>(credentials: Credentials, id: string, make: () => Value): Value {
  let values = cache.get(credentials);
  if (values === undefined) cache.set(credentials, values = new Map());
  let value = values.get(id) as Value | undefined;
  if (value === undefined) {
    value = make();
    if (values.size >= MAX_PER_CREDENTIALS) values.clear();
    values.set(id, value);
  }
  return value;
}

/** The credential scope of a signature: `20130524/us-east-1/s3/aws4_request`. */
export function credentialScope(day: string, region: string, service: string): string {
  return `${day}/${region}/${service}/aws4_request`;
}

/**
 * Returns the key that signs for one day, region and service, derived once.
 * Source: AWS, "Create a signed AWS API request", step 4.
 *
 * @param hmacKey Makes the keys. A cached key may come from another function.
 */
export function signingKey(
  credentials: Credentials,
  day: string,
  region: string,
  service: string,
  hmacKey: MakeHmacKey,
): HmacKey {
  return memoize(credentials, credentialScope(day, region, service), () => {
    let key = hmacKey(`AWS4${credentials.secretAccessKey}`);
    for (const step of [day, region, service, "aws4_request"]) key = hmacKey(key.sign(step));
    return key;
  });
}
