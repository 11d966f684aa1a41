import { NotSupportedError } from "../../errors.ts";

/**
 * The URL of an object below a base URL.
 *
 * @param storage The storage's class name, for the error.
 * @throws {NotSupportedError} If the storage has no base URL.
 */
export function belowBaseUrl(baseUrl: string | undefined, key: string, storage: string): string {
  if (baseUrl !== undefined) return baseUrl + encodeURIComponent(key).replaceAll("%2F", "/");
  throw new NotSupportedError(`Cannot make a URL for '${key}': ${storage} needs a baseUrl`);
}
