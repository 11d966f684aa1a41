import { formatValue } from "../values/format_value.ts";

/** The most characters of a name: file systems have shorter limits, and clients limit headers. */
const MAX_CHARACTERS = 1024;

/**
 * Makes a Content-Disposition header, with which browsers show or download a file, and its name. Writes the name in ASCII
 * for old programs, and, if it has other characters, also as defined by RFC 8187.
 *
 * Source: RFC 6266.
 *
 * @param type `"inline"` to show the file, `"attachment"` to download it.
 * @param name The file's name, in any script. Characters that file names cannot have, such as slashes, become `_`; only the
 * last 1024 characters are used.
 * @returns The header's value, also for the parameter `ResponseContentDisposition` of a signed URL.
 * @throws {TypeError} If the type is something else, or the name is not a string.
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
    throw new TypeError(
      `Cannot make a Content-Disposition: type must be "inline" or "attachment", got ${formatValue(type)}`,
    );
  }
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(`Cannot make a Content-Disposition: name must be a string, got ${formatValue(name)}`);
  }
  // deno-lint-ignore no-control-regex -- the pattern searches for them
  const safe = name?.slice(-MAX_CHARACTERS).toWellFormed().replace(/[\x00-\x1f\x7f/\\]/g, "_");
  if (safe === undefined || safe === "") return type;
  // Clients unescape quotes differently, and some decode `%41`, so both are replaced.
  const ascii = safe.replace(/[^\x20-\x7e]/gu, "_").replace(/"|%(?=[0-9a-f]{2})/gi, "_");
  const plain = `${type}; filename="${ascii}"`;
  return ascii === safe ? plain : `${plain}; filename*=UTF-8''${encodeExtended(safe)}`;
}

/** RFC 8187 escapes more characters than `encodeURIComponent`. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
