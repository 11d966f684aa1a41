import { decodeBase64, encodeBase64 } from "../kit/bytes/bytes.ts";
import { md5 } from "../kit/bytes/md5.ts";
import { checkKeyProtected, KEY_HEADERS } from "./customer_key.ts";

/**
 * Adds the MD5 of each SSE-C key, by which the service detects a damaged key before it encrypts anything.
 *
 * @param origin The origin that the request is sent to.
 * @throws {ConfigurationError} If the key would be sent without protection.
 */
export function withKeyDigests(headers: Record<string, string>, origin: string): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const name of KEY_HEADERS) {
    const key = headers[name];
    if (key === undefined) continue;
    checkKeyProtected(origin);
    if (headers[`${name}-md5`] !== undefined) continue;
    digests[`${name}-md5`] = encodeBase64(md5(decodeBase64(key)));
  }
  return { ...headers, ...digests };
}
