/** The bytes as text, one character each, where `.` matches any byte, and their offset in the file. */
type Signature = readonly [type: string, bytes: string, offset?: number];

/**
 * The first bytes of files by their type, for types that name one format.
 *
 * Source: the specifications of the formats, and the table of the WHATWG MIME Sniffing Standard for those it lists.
 */
const SIGNATURES: readonly Signature[] = [
  ["image/png", "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/gif", "GIF87a"],
  ["image/gif", "GIF89a"],
  ["image/webp", "RIFF....WEBP"],
  ["image/avif", "ftypavi", 4],
  ["image/heic", "ftyphe", 4],
  ["image/heic", "ftypmif1", 4],
  ["image/avif", "ftypmif1", 4],
  ["image/jxl", "\xff\x0a"],
  ["image/jxl", "\0\0\0\x0cJXL "],
  ["image/bmp", "BM"],
  ["image/tiff", "II*\0"],
  ["image/tiff", "MM\0*"],
  ["image/tiff", "II+\0"],
  ["image/tiff", "MM\0+"],
  ["image/vnd.microsoft.icon", "\0\0\x01\0"],
  ["video/x-msvideo", "RIFF....AVI "],
  ["audio/wav", "RIFF....WAVE"],
  ["audio/aiff", "FORM....AIFF"],
  ["audio/aiff", "FORM....AIFC"],
  ["audio/amr", "#!AMR"],
  ["audio/flac", "fLaC"],
  ["audio/mpeg", "ID3"],
  // Frames of layer III of MPEG 1, 2 and 2.5, and of AAC, each with and without a checksum.
  ...["\xfb", "\xfa", "\xf3", "\xf2", "\xe3", "\xe2"].map((byte): Signature => ["audio/mpeg", `\xff${byte}`]),
  ...["\xf1", "\xf0", "\xf9", "\xf8"].map((byte): Signature => ["audio/aac", `\xff${byte}`]),
  ["audio/midi", "MThd"],
  ["audio/ogg", "OggS"],
  ["audio/mp4", "ftypM4A", 4],
  ["video/quicktime", "ftypqt", 4],
  ["video/mp4", "ftyp", 4],
  ["video/webm", "\x1aE\xdf\xa3"],
  ["video/mpeg", "\0\0\x01\xba"],
  ["video/mpeg", "\0\0\x01\xb3"],
  ["video/x-ms-wmv", "0&\xb2u\x8ef\xcf\x11"],
  ["font/woff", "wOFF"],
  ["font/woff2", "wOF2"],
  ["font/otf", "OTTO\0"], // a text may begin with the name Otto
  ["font/ttf", "\0\x01\0\0"],
  ["application/pdf", "%PDF-"],
  ["application/rtf", "{\\rtf"],
  ["application/zip", "PK\x03\x04"],
  ["application/zip", "PK\x05\x06"],
  ["application/gzip", "\x1f\x8b"],
  ["application/zstd", "(\xb5/\xfd"],
  ["application/x-bzip2", "BZh"],
  ["application/x-7z-compressed", "7z\xbc\xaf'\x1c"],
  ["application/x-tar", "ustar", 257],
  ["application/wasm", "\0asm"],
  ["application/x-ole-storage", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
  ["application/x-msdownload", "MZ"],
  ["application/x-elf", "\x7fELF"],
];

/** Further signatures of a type: too short to detect it by, but enough to confirm it. */
const OTHER_SIGNATURES: readonly Signature[] = [
  ["application/vnd.ms-fontobject", "LP", 34],
  // The first atoms of QuickTime files from before `ftyp`.
  ...["moov", "mdat", "wide", "free", "skip", "pnot"].map((atom): Signature => ["video/quicktime", atom, 4]),
  ["image/heic", "ftypmsf1", 4],
  ["audio/flac", "ID3"], // many programs write tags before the format's own bytes
  ["audio/wav", "RF64....WAVE"], // larger than 4 GiB
  ["font/ttf", "true"],
  ["font/otf", "\0\x01\0\0"],
];

/** Types whose files have the format of another type, or of one of several. */
const FORMATS: readonly (readonly [types: RegExp, format: string])[] = [
  [/^application\/(epub\+zip|java-archive|vnd\.(openxmlformats-|oasis\.opendocument\.))/, "application/zip"],
  [/^application\/vnd\.openxmlformats-/, "application/x-ole-storage"], // encrypted by a password (MS-OFFCRYPTO)
  [/^application\/(msword|vnd\.ms-(excel|powerpoint))$/, "application/x-ole-storage"],
  [/^((audio|video)\/(x-)?matroska|audio\/webm)$/, "video/webm"],
  [/^video\/3gpp2?$/, "video/mp4"],
  [/^video\/ogg$/, "audio/ogg"],
  [/^image\/apng$/, "image/png"],
  [/^image\/heif$/, "image/heic"],
  [/^image\/x-icon$/, "image/vnd.microsoft.icon"],
  [/^audio\/(x-wav|wave|vnd\.wave)$/, "audio/wav"],
  [/^audio\/(x-m4a|m4a)$/, "audio/mp4"],
  [/^audio\/x-ms-wma$/, "video/x-ms-wmv"],
];

/** The number of first bytes that {@linkcode detectType} and {@linkcode fitsType} need. */
export const SIGNATURE_BYTES = 512;

/** Detects a file's type by its first bytes; `undefined` if no signature matches, as for text. */
export function detectType(head: Uint8Array): string | undefined {
  return SIGNATURES.find((signature) => hasSignature(head, signature))?.[0];
}

/** Whether a file of this type may begin with these bytes; `undefined` if the signatures of the type are unknown. */
export function fitsType(type: string, head: Uint8Array): boolean | undefined {
  const shared = FORMATS.filter(([types]) => types.test(type)).map(([, format]) => format);
  const formats = shared.length > 0 ? shared : [type];
  const known = [...SIGNATURES, ...OTHER_SIGNATURES].filter(([one]) => formats.includes(one));
  if (known.length > 0) {
    // Video and audio share the `ftyp` box, whose brands hardly distinguish them.
    const isBoxed = /^(audio|video)\/(mp4|quicktime)$/.test(formats[0]!) && hasSignature(head, ["", "ftyp", 4]);
    return isBoxed || known.some((signature) => hasSignature(head, signature));
  }
  if (!isText(type)) return undefined;
  if (hasSignature(head, ["", "\xff\xfe"]) || hasSignature(head, ["", "\xfe\xff"])) return true; // UTF-16, which contains NUL bytes
  return !head.includes(0) && !SIGNATURES.some((one) => !mayBeginText(one) && hasSignature(head, one));
}

/** Whether a text may begin with the signature: it has up to three letters, such as BM ("BMW") or MZ. */
function mayBeginText([, bytes]: Signature): boolean {
  return /^[ -~]{1,3}$/.test(bytes);
}

/** Whether files of this type are text, which has no NUL in UTF-8. */
function isText(type: string): boolean {
  return /^text\/|[+/](json|xml|javascript|yaml)$/.test(type);
}

function hasSignature(head: Uint8Array, [, bytes, offset = 0]: Signature): boolean {
  if (head.byteLength < offset + bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== "." && head[offset + i] !== bytes.charCodeAt(i)) return false;
  }
  return true;
}
