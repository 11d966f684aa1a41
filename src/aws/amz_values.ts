/** The payload hash of a request whose signature does not cover its body. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** The longest lifetime of a URL that SigV4 signs: seven days. Source: AWS, "Download and upload objects with presigned URLs". */
export const MAX_PRESIGNED_SECONDS = 604_800;

/** The longest lifetime of any other URL: a hundred years. */
export const MAX_LIFETIME_SECONDS = 3_153_600_000;

/** Formats a date as SigV4 does, in whole seconds: `20130524T000000Z`. */
export function amzDate(date: Date): string {
  return date.toISOString().replace(/[:-]|\.\d{3}/g, "");
}
