import { isStorageError } from "../../errors.ts";
import { printable } from "../../kit/text/printable.ts";

/** The exit codes of a command. */
export const EXIT = { done: 0, failed: 1, usage: 2, stopped: 130 } as const;

/** An invalid command line. The message contains no credentials of places. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(printable(withoutParameters(message.replace(/[^\s"]+/g, withoutLogin))));
  }
}

/** The reader of standard output, such as `head`, has closed the pipe. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** Removes user name and password of a URL; a secret that is not percent-encoded may contain slashes and `@`. */
function withoutLogin(url: string): string {
  const begin = /\w:\/+/.exec(url);
  const end = url.lastIndexOf("@");
  if (begin === null || end < begin.index) return url;
  return `${url.slice(0, begin.index)}${begin[0]}…${url.slice(end)}`;
}

/** Removes the values of URL parameters from a text. */
function withoutParameters(text: string): string {
  // A name ends where another may begin, or matching many question marks would take quadratic time.
  return text.replace(/([?&][^=&?\s"]+=)[^&\s")]*/g, "$1…");
}

/** A failure whose message needs no further explanation. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The message of an error, with advice on a second line where there is some. */
export function explain(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const [first, ...rest] = error.errors;
    return explain(first) + (rest.length > 0 ? ` (and ${rest.length} more)` : "");
  }
  const message = error instanceof Error ? error.message : String(error);
  // Errors of runtimes may contain a whole URL with its signature; names may contain control characters.
  const lines = withoutParameters(message.replace(/(\w:\/+)[^\s"/]*@/g, "$1…@")).split("\n").map((line) =>
    printable(line.trim())
  ).filter(Boolean);
  const text = lines.join("\n  ") || "unknown error";
  const advice = isStorageError(error) ? ADVICE[error.code] : undefined;
  return advice === undefined ? text : `${text}\n  ${advice}`;
}

/** Advice for errors whose messages have none. */
const ADVICE: Readonly<Record<string, string>> = {
  PermissionDenied: "`check` finds the missing permission, `policy` prints a policy that grants it.",
  Unauthenticated: "Check the access key, the secret key and the session token: one of them is wrong or has expired.",
  Connection: "Check the endpoint, the region and the network.",
};
