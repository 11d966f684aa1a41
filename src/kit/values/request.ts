import { formatValue } from "./format_value.ts";

/**
 * Refuses an argument that is not a request. Not by instanceof: frameworks have requests of their own.
 *
 * @param action What the call does, for the message: `serve`.
 * @param argument Which argument it is, for the message: `the second argument`.
 * @throws {TypeError} If it is not a request.
 */
export function checkRequest(action: string, argument: string, value: unknown): asserts value is Request {
  const { url, method, headers } = Object(value) as { [Member in "url" | "method" | "headers"]?: unknown };
  const isRequest = typeof url === "string" && typeof method === "string" &&
    typeof (headers as Partial<Headers> | undefined)?.get === "function";
  if (!isRequest) throw new TypeError(`Cannot ${action}: ${argument} must be a Request, got ${formatValue(value)}`);
}
