import { UploadError } from "./upload_error.ts";

/**
 * The last part of the name that a client gives: browsers send the folders of a folder that was chosen, and once sent
 * all of a path.
 *
 * @throws {UploadError} If the name is none that a program sends by mistake: it climbs, is absolute or has control characters.
 */
export function checkOriginalName(given: string): string {
  // A name that climbs once it is decoded was not written by a browser either.
  const plain = given.replace(/%2e/gi, ".").replace(/%2f/gi, "/").replace(/%5c/gi, "\\");
  // deno-lint-ignore no-control-regex -- they are what is looked for
  const isSuspicious = /[\x00-\x1f\x7f]/.test(given) || !given.isWellFormed() ||
    plain.split(/[/\\]/).some((segment) => /^\s*\.{1,2}\s*$/.test(segment)) || /^([/\\]|[a-z]:([/\\]|$))/i.test(plain);
  const name = given.slice(Math.max(given.lastIndexOf("/"), given.lastIndexOf("\\")) + 1).trim();
  if (!isSuspicious && name !== "") return name;
  throw new UploadError("SuspiciousName", `This is no file's name: ${JSON.stringify(given.slice(0, 100))}`);
}
