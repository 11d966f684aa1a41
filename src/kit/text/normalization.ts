/** A normalization form of Unicode, as `String.prototype.normalize` takes it. */
export type Normalization = "NFC" | "NFD" | "NFKC" | "NFKD";

/** All forms, for checks and messages. */
export const NORMALIZATIONS: readonly string[] = ["NFC", "NFD", "NFKC", "NFKD"] satisfies Normalization[];

/** The text in a form; unchanged without one. */
export function normalized(text: string, form: Normalization | undefined): string {
  return form === undefined ? text : text.normalize(form);
}
