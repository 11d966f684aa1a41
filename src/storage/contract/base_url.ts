import { NotSupportedError } from "../../errors.ts";
import type { UrlOptions } from "./options.ts";

/**
 * The URL of an object below a base URL.
 *
 * @param storage The storage's class name, for the error.
 * @throws {NotSupportedError} If the storage has no base URL, or an option that its URLs cannot express.
 */
export function belowBaseUrl(
  baseUrl: string | undefined,
  key: string,
  storage: string,
  { downloadName }: UrlOptions = {},
): string {
  if (downloadName !== undefined) {
    throw new NotSupportedError(`Cannot make a URL for '${key}': ${storage} has no downloadName. Use serve() instead`);
  }
  if (baseUrl !== undefined) return baseUrl + encodeURIComponent(key).replaceAll("%2F", "/");
  throw new NotSupportedError(`Cannot make a URL for '${key}': ${storage} needs a baseUrl`);
}
