import { UploadError } from "./upload_error.ts";

/**
 * The last part of the name that a client sent. Browsers send the path within a chosen folder, and old ones sent a whole path.
 *
 * @throws {UploadError} If the name is suspicious: it is empty, has `..` segments, is absolute or has control characters.
 */
export function checkOriginalName(given: string): string {
  // Browsers do not send names with encoded '..' segments either.
  const plain = given.replace(/%2e/gi, ".").replace(/%2f/gi, "/").replace(/%5c/gi, "\\");
  // deno-lint-ignore no-control-regex -- the pattern searches for them
  const isSuspicious = /[\x00-\x1f\x7f]/.test(given) || !given.isWellFormed() ||
    plain.split(/[/\\]/).some((segment) => /^\s*\.{1,2}\s*$/.test(segment)) || /^([/\\]|[a-z]:([/\\]|$))/i.test(plain);
  const name = given.slice(Math.max(given.lastIndexOf("/"), given.lastIndexOf("\\")) + 1).trim();
  if (!isSuspicious && name !== "") return name;
  throw new UploadError(
    "SuspiciousName",
    `Cannot accept file name ${JSON.stringify(given.slice(0, 100))}: it is empty or unsafe`,
  );
}
