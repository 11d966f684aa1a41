import { decodeEncodedWords, isEncodedWords } from "../kit/text/encoded_words.ts";

/** The names in a part's Content-Disposition. */
export interface PartDisposition {
  readonly name: string;
  /** Defined if the part is a file; empty for an empty file input. */
  readonly fileName: string | undefined;
}

const PARAMETER = /;\s*([\w-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*/gys;

/**
 * Parses a part's Content-Disposition; `undefined` if it is malformed or not `form-data`.
 *
 * Names are raw UTF-8, in any script. Browsers percent-encode quotes and line breaks; other clients put a backslash before a
 * quote, but not before the backslashes of a path.
 *
 * `filename*` counts only where the plain name is missing or an encoded word, as .NET writes both. Other programs ignore it.
 *
 * Source: RFC 7578, section 4.2, and the HTML standard's encoding of forms.
 */
export function parseDisposition(header: string | readonly string[] | undefined): PartDisposition | undefined {
  const start = typeof header === "string" ? /^\s*form-data\s*/i.exec(header)?.[0].length : undefined;
  if (typeof header !== "string" || start === undefined) return undefined;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = start;
  let end = start;
  for (let match = PARAMETER.exec(header); match !== null; match = PARAMETER.exec(header)) {
    const [, key, quoted, token] = match;
    end = PARAMETER.lastIndex;
    if (parameters.has(key!.toLowerCase())) return undefined; // programs disagree on which one counts
    parameters.set(key!.toLowerCase(), quoted === undefined ? token! : unescape(quoted));
  }
  const name = decoded(parameters.get("name"));
  if (end < header.length || !name) return undefined;
  const [plain, encoded] = [parameters.get("filename"), parameters.get("filename*")];
  const isWord = plain !== undefined && isEncodedWords(plain);
  return {
    name,
    fileName: encoded !== undefined && (isWord || plain === undefined) ? extended(encoded) : decoded(plain),
  };
}

/** Programs on .NET write names beyond ASCII as encoded words. */
function decoded(value: string | undefined): string | undefined {
  return value !== undefined && isEncodedWords(value) ? decodeEncodedWords(value) : value;
}

function unescape(quoted: string): string {
  return quoted.replaceAll('\\"', '"').replace(/%22/g, '"').replace(/%0d/gi, "\r").replace(/%0a/gi, "\n");
}

/**
 * The encoding of RFC 8187, which forms should not use, and ISO 8859-1 of the RFC before it. Malformed values become a name
 * that is refused.
 */
function extended(value: string): string {
  const [, charset = "", text = "%"] = /^(utf-8|iso-8859-1)'[^']*'(.*)$/is.exec(value) ?? [];
  const isUtf8 = /^u/i.test(charset);
  try {
    return decodeURIComponent(isUtf8 ? text : text.replace(/%[89a-f][\da-f]/gi, fromLatin1));
  } catch {
    return "\0";
  }
}

/** The code in UTF-8 of a character of ISO 8859-1. */
function fromLatin1(code: string): string {
  return encodeURIComponent(String.fromCharCode(parseInt(code.slice(1), 16)));
}
