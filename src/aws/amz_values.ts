/** The payload hash of a request whose signature does not cover its body. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** Formats a date as SigV4 does, in whole seconds: `20130524T000000Z`. */
export function amzDate(date: Date): string {
  return date.toISOString().replace(/[:-]|\.\d{3}/g, "");
}
