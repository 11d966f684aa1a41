import type { ServeOptions } from "./serve_options.ts";

/** No disk has longer names, and no client takes headers without a limit. */
const MOST_CHARACTERS = 1024;

/**
 * The header that says whether a file is shown or downloaded, and under which name: as RFC 6266 has it, in ASCII for old
 * programs and, where that is not all of it, as RFC 8187 writes the rest.
 *
 * @param type `"inline"` to show it, `"attachment"` to download it.
 * @param name The file's name, in any script. What no file's name may have, such as a slash, becomes `_`; of more than 1024
 * characters the last ones count.
 * @returns The header's value, also for S3's parameter `ResponseContentDisposition`.
 *
 * @example
 * ```ts
 * import { contentDisposition } from "@storages/s3/serve";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(contentDisposition("attachment", "a b.txt"), 'attachment; filename="a b.txt"');
 * assertEquals(
 *   contentDisposition("attachment", "€ rates.txt"),
 *   `attachment; filename="_ rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt`,
 * );
 * ```
 */
export function contentDisposition(type: "inline" | "attachment", name?: string): string {
  if (type !== "inline" && type !== "attachment") {
    throw new TypeError(`A file's disposition is "inline" or "attachment": current value is "${type}"`);
  }
  // deno-lint-ignore no-control-regex -- they are what is looked for
  const safe = name?.slice(-MOST_CHARACTERS).toWellFormed().replace(/[\x00-\x1f\x7f/\\]/g, "_");
  if (safe === undefined || safe === "") return type;
  // Quotes are escaped in many ways, and `%41` is decoded by some: neither is left to a guess.
  const ascii = safe.replace(/[^\x20-\x7e]/gu, "_").replace(/"|%(?=[0-9a-f]{2})/gi, "_");
  const plain = `${type}; filename="${ascii}"`;
  return ascii === safe ? plain : `${plain}; filename*=UTF-8''${encodeExtended(safe)}`;
}

/** `encodeURIComponent` leaves what RFC 8187 does not. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The Content-Disposition that the options ask for; `undefined` where they ask for none. */
export function dispositionOf(
  name: string,
  { disposition, downloadName }: Pick<ServeOptions, "disposition" | "downloadName">,
): string | undefined {
  const type = disposition ?? (downloadName === undefined ? undefined : "attachment");
  return type && contentDisposition(type, downloadName ?? name.slice(name.lastIndexOf("/") + 1));
}
