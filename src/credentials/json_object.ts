import { isRecord } from "../kit/values/record.ts";

/**
 * Parses a JSON object; `undefined` if it is not one. The parser's error is dropped, as it shows the text, which may be
 * secret.
 */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
