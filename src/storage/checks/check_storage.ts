import { formatValue } from "../../kit/values/format_value.ts";
import type { Storage } from "../storage.ts";

/** Whether a value is a storage. Not by instanceof: it may come from another copy of this module. */
export function isStorage(value: unknown): value is Storage {
  const { save, open, generateFilename } = Object(value) as Partial<Record<keyof Storage, unknown>>;
  return [save, open, generateFilename].every((method) => typeof method === "function");
}

/**
 * Refuses an argument that is not a storage, such as the options or the request of a call.
 *
 * @param action What the call does, for the message: `serve`.
 * @throws {TypeError} If it is not a storage.
 */
export function checkStorage(action: string, value: unknown): asserts value is Storage {
  if (isStorage(value)) return;
  const isRequest = typeof Request === "function" && value instanceof Request;
  throw new TypeError(
    `Cannot ${action}: the first argument must be a Storage, got ${isRequest ? "a Request" : formatValue(value)}`,
  );
}
