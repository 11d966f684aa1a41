import { NotSupportedError } from "../../errors.ts";
import type { StoredName } from "./backend.ts";

/**
 * The URL of a file of a storage that is served from below a URL.
 *
 * @param storage What the storage is called.
 * @throws {NotSupportedError} If there is no such URL.
 */
export function belowBaseUrl(baseUrl: string | undefined, { name, key }: StoredName, storage: string): string {
  if (baseUrl !== undefined) return baseUrl + encodeURIComponent(key).replaceAll("%2F", "/");
  throw new NotSupportedError(`'${name}' has no URL: give the ${storage} a baseUrl to make some`);
}
