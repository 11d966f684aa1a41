import type { Credentials } from "../aws/credentials.ts";
import type { HmacKey, MakeHmacKey } from "../kit/bytes/hmac_key.ts";

/** Enough for a service that talks to a few regions around midnight; beyond it, all are forgotten and made again. */
const KEPT_PER_CREDENTIALS = 16;

/**
 * What was made of credentials, by what else it was made of. Held weakly, so that rotated credentials take it along, and
 * so that no cache key holds a secret.
 */
const cache = new WeakMap<Credentials, Map<string, unknown>>();

/** What `make` makes, made once for each credentials and `id`; one `id` is always for one kind of thing. */
export function madeOnce<Made>(credentials: Credentials, id: string, make: () => Made): Made {
  let kept = cache.get(credentials);
  if (kept === undefined) cache.set(credentials, kept = new Map());
  let made = kept.get(id) as Made | undefined;
  if (made === undefined) {
    made = make();
    if (kept.size >= KEPT_PER_CREDENTIALS) kept.clear();
    kept.set(id, made);
  }
  return made;
}

/** The scope of a signature: `20130524/us-east-1/s3/aws4_request`. */
export function credentialScope(day: string, region: string, service: string): string {
  return `${day}/${region}/${service}/aws4_request`;
}

/**
 * The key that signs for one day, region and service, derived once.
 * Source: AWS, "Create a signed AWS API request", step 4.
 *
 * @param hmacKey What makes it; one that is kept already may be of another make.
 */
export function signingKey(
  credentials: Credentials,
  day: string,
  region: string,
  service: string,
  hmacKey: MakeHmacKey,
): HmacKey {
  return madeOnce(credentials, credentialScope(day, region, service), () => {
    let key = hmacKey(`AWS4${credentials.secretAccessKey}`);
    for (const step of [day, region, service, "aws4_request"]) key = hmacKey(key.sign(step));
    return key;
  });
}
