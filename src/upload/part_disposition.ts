/** What a part of a form is called. */
export interface PartDisposition {
  readonly name: string;
  /** Given where the part is a file; empty for a file input that was left so. */
  readonly fileName: string | undefined;
}

const PARAMETER = /;\s*([\w-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*/gys;

/**
 * Reads a part's Content-Disposition; `undefined` if it is not that of a form, or malformed.
 *
 * Names are UTF-8 as they are, in any script. Browsers write the three characters that would end a name in percent; others put a
 * backslash before a quote, but not before a backslash of a path.
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
    if (parameters.has(key!.toLowerCase())) return undefined; // which of them counts, programs disagree on
    parameters.set(key!.toLowerCase(), quoted === undefined ? token! : unescape(quoted));
  }
  const name = parameters.get("name");
  if (end < header.length || !name) return undefined;
  return { name, fileName: parameters.get("filename") ?? extended(parameters.get("filename*")) };
}

function unescape(quoted: string): string {
  return quoted.replaceAll('\\"', '"').replace(/%22/g, '"').replace(/%0d/gi, "\r").replace(/%0a/gi, "\n");
}

/** The form of RFC 8187, which forms should not have. What is malformed is a name that nobody takes. */
function extended(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(/^utf-8'[^']*'(.*)$/i.exec(value)?.[1] ?? "%");
  } catch {
    return "\0";
  }
}
