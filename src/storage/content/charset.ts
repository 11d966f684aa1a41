/**
 * Bytes that are examined before a file is stored or sent: the same number of all content, so that the same bytes always get
 * the same type.
 */
export const PEEKED_BYTES = 64 * 1024;

/** Where a document names its charset. Source: the HTML standard's prescan, XML 1.0, appendix F, and CSS Syntax 3.2. */
const DECLARATION_BYTES = 1024;

/**
 * Control characters that no text has. Among them is the escape of ISO-2022-JP, whose bytes are all below 0x80.
 */
// deno-lint-ignore no-control-regex -- the pattern searches for them
const CONTROLS = /[\x00-\x08\x0b\x0e-\x1f\x7f]/;

/** The charset that a document, a style sheet or an XML file declares. */
const DECLARED = /<\?xml[^<>]*encoding\s*=\s*["']([\w-]+)|<meta[^<>]*charset\s*=\s*["']?([\w-]+)|^@charset "([\w-]+)"/i;

/** The first bytes of a file. */
export interface FirstBytes {
  readonly bytes: Uint8Array;
  /** Whether the file has no more bytes. */
  readonly isWhole: boolean;
}

/** The first bytes of a file. Pass all of its bytes, or at least one more than are examined. */
export function firstBytes(bytes: Uint8Array): FirstBytes {
  return { bytes: bytes.subarray(0, PEEKED_BYTES), isWhole: bytes.byteLength <= PEEKED_BYTES };
}

/** A type of text, and no parameter. */
const LACKS_CHARSET = /^\s*(text\/[^\s;]+|application\/((x-)?javascript|xml)|[\w.-]+\/[\w.-]+\+xml)\s*(;\s*)*$/i;

/**
 * Whether a type lacks the `charset` that a browser needs: without one it reads UTF-8 text as windows-1252.
 *
 * Those are the types that WhiteNoise gives a charset (text and JavaScript), and XML. JSON has none: it is always UTF-8 (RFC
 * 8259, section 8.1).
 */
export function lacksCharset(type: string): boolean {
  return LACKS_CHARSET.test(type);
}

/** The type with `charset=utf-8`, if it lacks one. */
export function withUtf8(type: string): string {
  return lacksCharset(type) ? `${type.split(";")[0]!.trim()}; charset=utf-8` : type;
}

/** Whether a type says that the bytes are UTF-8. */
export function isUtf8Type(type: string | undefined): boolean {
  return /;\s*charset="?utf-8"?\s*(;|$)/i.test(type ?? "");
}

/**
 * The type with `charset=utf-8`, if it lacks one and the first bytes are UTF-8.
 *
 * Servers such as WhiteNoise and Express name UTF-8 whatever the bytes are, and nginx names what is configured. Here the
 * bytes decide, since a wrong charset cannot be corrected by the document: the header has priority.
 */
export function withCharset(type: string, first: FirstBytes): string {
  return lacksCharset(type) && isUtf8(first) ? withUtf8(type) : type;
}

/**
 * Whether bytes are UTF-8: text in other charsets is not valid UTF-8, except by rare chance. Of a long file in ASCII the rest
 * is unknown; UTF-8 is then likelier than windows-1252, which a browser would assume.
 */
function isUtf8({ bytes, isWhole }: FirstBytes): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    if (CONTROLS.test(decoder.decode(bytes, { stream: !isWhole }))) return false;
  } catch {
    return false;
  }
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, DECLARATION_BYTES));
  const [, ...declared] = DECLARED.exec(head) ?? [];
  return /^(utf-?8)?$/i.test(declared.find((name) => name !== undefined) ?? "");
}
