import { ConfigurationError } from "../errors.ts";

/** The headers that contain the caller's SSE-C key, for the object and for the source of a copy. */
export const KEY_HEADERS: readonly string[] = [
  "x-amz-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-key",
];

/** Whether a request contains an SSE-C key. */
export function hasCustomerKey(headers: Record<string, string>): boolean {
  return KEY_HEADERS.some((name) => headers[name] !== undefined);
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
