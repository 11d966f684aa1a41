import { ConfigurationError } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "../kit/bytes/bytes.ts";
import { md5 } from "../runtime/hash/digest.ts";

/** What carries the caller's own key of SSE-C, for the object itself and for the source of a copy. */
const KEY_HEADERS = [
  "x-amz-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-key",
];

/** Whether there is one. */
export function hasCustomerKey(headers: Record<string, string>): boolean {
  return KEY_HEADERS.some((name) => headers[name] !== undefined);
}

/**
 * Adds to each key its MD5, by which the service notices a damaged one before it encrypts anything with it.
 *
 * @param origin Where the request goes.
 * @throws {ConfigurationError} If the key would go there unprotected, or there is no MD5 here.
 */
export async function withKeyDigests(headers: Record<string, string>, origin: string): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const name of KEY_HEADERS) {
    const key = headers[name];
    if (key === undefined) continue;
    checkKeyProtected(origin);
    if (headers[`${name}-md5`] !== undefined) continue;
    const digest = await md5(decodeBase64(key));
    if (digest === undefined) {
      throw new ConfigurationError(
        "SSECustomerKeyMD5 is missing: this runtime has no MD5 to make it of SSECustomerKey",
      );
    }
    digests[`${name}-md5`] = encodeBase64(digest);
  }
  return { ...headers, ...digests };
}

/**
 * The key itself is in the request, so only TLS may carry it; what does not leave the machine needs none.
 *
 * @throws {ConfigurationError} If the key would be seen on its way.
 */
export function checkKeyProtected(origin: string): void {
  if (/^https:|^http:\/\/(([^/]*\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(origin)) return;
  throw new ConfigurationError(`SSECustomerKey goes to https endpoints only: current endpoint is ${origin}`);
}
