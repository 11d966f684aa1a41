/** Bytes that are examined: enough that compressed bytes do not look like text by chance. */
export const SAMPLE_BYTES = 512;

/** Whether the first bytes of a file are UTF-8 without the control characters that no text has. */
export function isTextSample(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    // deno-lint-ignore no-control-regex -- the pattern searches for them
    return !/[\x00-\x08\x0e-\x1f\x7f]/.test(text);
  } catch {
    return false;
  }
}

/** Whether a media type, in lower case, is that of text, which has no signature. */
export function isTextType(type: string): boolean {
  return /^text\/|json|xml|javascript|yaml/.test(type);
}
