import { ConfigurationError } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "../kit/bytes/bytes.ts";
import { md5 } from "../runtime/hash/digest.ts";

/** The headers that contain the caller's SSE-C key, for the object and for the source of a copy. */
const KEY_HEADERS = [
  "x-amz-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-key",
];

/** Whether a request contains an SSE-C key. */
export function hasCustomerKey(headers: Record<string, string>): boolean {
  return KEY_HEADERS.some((name) => headers[name] !== undefined);
}

/**
 * Adds the MD5 of each SSE-C key, by which the service detects a damaged key before it encrypts anything.
 *
 * @param origin The origin that the request is sent to.
 * @throws {ConfigurationError} If the key would be sent without protection, or the runtime has no MD5.
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
        "Cannot send SSECustomerKey without SSECustomerKeyMD5: this runtime has no MD5 to compute it",
      );
    }
    digests[`${name}-md5`] = encodeBase64(digest);
  }
  return { ...headers, ...digests };
}

/**
 * Checks that TLS protects the SSE-C key, which the request contains; requests to this machine need no TLS.
 *
 * @throws {ConfigurationError} If the key could be read on the network.
 */
export function checkKeyProtected(origin: string): void {
  if (/^https:|^http:\/\/(([^/]*\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(origin)) return;
  throw new ConfigurationError(`SSECustomerKey requires an https endpoint, got ${origin}`);
}
