import { decodeEncodedWords, isEncodedWords } from "../../kit/text/encoded_words.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { parseParameters } from "./parameters.ts";
import { malformedForm } from "../upload_error.ts";

/** The names in a part's Content-Disposition. */
export interface PartDisposition {
  readonly name: string;
  /** Defined if the part is a file; empty for an empty file input. */
  readonly fileName: string | undefined;
}

/**
 * Parses a part's Content-Disposition.
 *
 * Names are raw UTF-8, in any script. Browsers percent-encode quotes and line breaks; other clients put a backslash before a
 * quote, but not before the backslashes of a path.
 *
 * `filename*` counts only where the plain name is missing or an encoded word, as .NET writes both. Other programs ignore it.
 *
 * Source: RFC 7578, section 4.2, and the HTML standard's encoding of forms.
 *
 * @throws {UploadError} If it is missing, malformed or not `form-data`, or has no name.
 */
export function parseDisposition(header: string | readonly string[] | undefined): PartDisposition {
  if (header === undefined) throw malformedForm("a part has no Content-Disposition");
  if (typeof header !== "string") throw malformedForm("a part has two Content-Disposition headers");
  const [, type = "", rest = ""] = /^\s*([^;]*)(.*)$/s.exec(header) ?? [];
  if (!/^form-data\s*$/i.test(type)) {
    throw malformedForm(`the Content-Disposition of a part must be form-data, got ${quote(header)}`);
  }
  const parameters = parseParameters(rest);
  if (parameters === undefined) {
    throw malformedForm(`the Content-Disposition of a part is malformed: ${quote(header)}`);
  }
  const text = (key: string): string | undefined => {
    const parameter = parameters.get(key);
    // Programs disagree on which of two counts.
    if (parameter?.isRepeated) throw malformedForm(`the Content-Disposition of a part has two values of ${key}`);
    return parameter?.isQuoted ? unescape(parameter.value) : parameter?.value;
  };
  const name = decoded(text("name"));
  if (!name) throw malformedForm("a part has no name");
  const [plain, encoded] = [text("filename"), text("filename*")];
  const isWord = plain !== undefined && isEncodedWords(plain);
  return {
    name,
    fileName: encoded !== undefined && (isWord || plain === undefined) ? extended(encoded) : decoded(plain),
  };
}

/** The start of a header, for messages. */
function quote(header: string): string {
  return formatValue(header.slice(0, 100));
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
