import { isStorageError } from "../../errors.ts";
import { printable } from "../../kit/text/printable.ts";

/** How a command ends. */
export const EXIT = { done: 0, failed: 1, usage: 2, stopped: 130 } as const;

/** A command line that says nothing we understand. What is said of it tells no secret of a place in it. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(printable(withoutParameters(message.replace(/[^\s"]+/g, withoutLogin))));
  }
}

/** Nobody reads any more what the command gives, as behind `head`. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** A URL without its user name and password; a secret that was not percent-encoded may have slashes, and an `@`. */
function withoutLogin(url: string): string {
  const begin = /\w:\/+/.exec(url);
  const end = url.lastIndexOf("@");
  if (begin === null || end < begin.index) return url;
  return `${url.slice(0, begin.index)}${begin[0]}…${url.slice(end)}`;
}

/** The text with the values of its URLs' parameters left out. */
function withoutParameters(text: string): string {
  // A name ends where another may begin: else each of many question marks would be looked at from all before it.
  return text.replace(/([?&][^=&?\s"]+=)[^&\s")]*/g, "$1…");
}

/** A command that did what it could, and has said already what it could not. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** What went wrong in a line, and what to do about it. */
export function explain(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const [first, ...rest] = error.errors;
    return explain(first) + (rest.length > 0 ? ` (and ${rest.length} more)` : "");
  }
  const message = error instanceof Error ? error.message : String(error);
  // Runtimes tell of requests with the whole URL, signature and all; services and disks of names that others chose.
  const lines = withoutParameters(message.replace(/(\w:\/+)[^\s"/]*@/g, "$1…@")).split("\n").map((line) =>
    printable(line.trim())
  ).filter(Boolean);
  const text = lines.join("\n  ") || "it failed without a word";
  const advice = isStorageError(error) ? ADVICE[error.code] : undefined;
  return advice === undefined ? text : `${text}\n  ${advice}`;
}

/** What helps, where the error itself does not say. */
const ADVICE: Readonly<Record<string, string>> = {
  PermissionDenied: "`check` tells which permission is missing, `policy` prints a policy that has them.",
  Unauthenticated: "Look at the access key, the secret key and the session token: one of them is wrong or has expired.",
  Connection: "Look at the endpoint, the region and the network.",
};
