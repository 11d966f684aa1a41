/** The first bytes of content codings that have a signature. Source: RFC 1952 (gzip) and RFC 8878 (zstd). */
const SIGNATURES: Readonly<Record<string, readonly number[]>> = {
  gzip: [0x1f, 0x8b, 8],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
};

/**
 * Whether bytes begin with the signature of a content coding; `undefined` if it has none, as `br`.
 *
 * @param coding Its name in lower case.
 */
export function hasSignature(coding: string, bytes: Uint8Array): boolean | undefined {
  return SIGNATURES[coding]?.every((byte, at) => bytes[at] === byte);
}
