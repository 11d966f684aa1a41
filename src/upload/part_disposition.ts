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
  const name = parameters.get("name");
  if (end < header.length || !name) return undefined;
  return { name, fileName: parameters.get("filename") ?? extended(parameters.get("filename*")) };
}

function unescape(quoted: string): string {
  return quoted.replaceAll('\\"', '"').replace(/%22/g, '"').replace(/%0d/gi, "\r").replace(/%0a/gi, "\n");
}

/** The encoding of RFC 8187, which forms should not use. Malformed values become a name that is refused. */
function extended(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(/^utf-8'[^']*'(.*)$/i.exec(value)?.[1] ?? "%");
  } catch {
    return "\0";
  }
}
