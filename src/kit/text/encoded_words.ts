/** An encoded word: a charset, perhaps with a language (RFC 2231), the letter of its encoding, and the encoded text. */
const WORD = /=\?([\w.:-]+)(?:\*[\w-]*)?\?([bq])\?([!->@-~]*)\?=/gi;

/** Words of one charset next to each other. */
interface Run {
  readonly charset: string;
  readonly start: number;
  end: number;
  bytes: string;
}

/** Whether a text consists of encoded words only, and thus encodes another text. */
export function isEncodedWords(text: string): boolean {
  return text.trim() !== "" && text.replace(WORD, "").trim() === "";
}

/**
 * Decodes the encoded words in a text. Words that are malformed or of an unknown charset stay. A character may be split
 * between words, which RFC 2047 forbids, and some programs do.
 *
 * Source: RFC 2047, sections 2, 4 and 6.2.
 */
export function decodeEncodedWords(text: string): string {
  if (!text.includes("=?")) return text;
  const runs: Run[] = [];
  for (const match of text.matchAll(WORD)) {
    const [word, charset, encoding, encoded] = match as unknown as [string, string, string, string];
    const bytes = /b/i.test(encoding) ? fromBase64(encoded) : fromQuoted(encoded);
    if (bytes === undefined) continue;
    const last = runs.at(-1);
    const end = match.index + word.length;
    const isNext = last?.charset === charset.toLowerCase() && /^\s*$/.test(text.slice(last.end, match.index));
    if (isNext) Object.assign(last, { end, bytes: last.bytes + bytes });
    else runs.push({ charset: charset.toLowerCase(), start: match.index, end, bytes });
  }
  let decoded = "";
  let end = 0;
  let isWord = false;
  for (const run of runs) {
    const between = text.slice(end, run.start);
    const content = decode(run);
    // Space between words only separates them.
    if (!(isWord && content !== undefined && /^\s*$/.test(between))) decoded += between;
    decoded += content ?? text.slice(run.start, run.end);
    isWord = content !== undefined;
    end = run.end;
  }
  return decoded + text.slice(end);
}

/** The bytes as characters; `undefined` if they are malformed. */
function fromBase64(encoded: string): string | undefined {
  try {
    return atob(encoded);
  } catch {
    return undefined;
  }
}

function fromQuoted(encoded: string): string | undefined {
  if (/=(?![\da-f]{2})/i.test(encoded)) return undefined;
  return encoded.replaceAll("_", " ").replace(/=(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function decode({ charset, bytes }: Run): string | undefined {
  try {
    const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
    return decoder.decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
  } catch {
    return undefined; // the runtime does not know the charset, or the bytes are not of it
  }
}
