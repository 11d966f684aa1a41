import { UploadError } from "./upload_error.ts";

/**
 * The last part of the name that a client sent. Browsers send the path within a chosen folder, and old ones sent a whole path.
 * Where that path begins does not matter, since only its last part counts.
 *
 * @throws {UploadError} If the name is suspicious: it ends in a slash or is empty, has `..` segments or control characters, or
 * is not Unicode.
 */
export function checkOriginalName(given: string): string {
  const name = given.slice(Math.max(given.lastIndexOf("/"), given.lastIndexOf("\\")) + 1).trim();
  const reason = reasonToRefuse(given, name);
  if (reason === undefined) return name;
  throw new UploadError(
    "SuspiciousName",
    `Cannot accept file name ${JSON.stringify(given.slice(0, 100))}: ${reason}`,
  );
}

function reasonToRefuse(given: string, name: string): string | undefined {
  // deno-lint-ignore no-control-regex -- the pattern searches for them
  if (/[\x00-\x1f\x7f]/.test(given)) return "it has a control character";
  if (!given.isWellFormed()) return "it is not Unicode";
  // Browsers do not send names with encoded '..' segments either.
  const plain = given.replace(/%2e/gi, ".").replace(/%2f/gi, "/").replace(/%5c/gi, "\\");
  if (plain.split(/[/\\]/).some((segment) => /^\s*\.{1,2}\s*$/.test(segment))) return "it has a '.' or '..' segment";
  return name === "" ? "its last part is empty" : undefined;
}
