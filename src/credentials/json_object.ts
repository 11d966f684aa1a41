import { isRecord } from "../kit/values/record.ts";

/** The members of a JSON object; `undefined` for all else. The parser's own error would show the text, which may be secret. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
