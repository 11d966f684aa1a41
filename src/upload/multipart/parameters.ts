import { malformedForm } from "../upload_error.ts";

/** A parameter of a header. */
export interface Parameter {
  /** Without the quotes; backslashes are kept. */
  readonly value: string;
  readonly isQuoted: boolean;
  /** Whether the header has it twice. Then the value is the first one. */
  readonly isRepeated: boolean;
}

const PARAMETER = /;\s*(?:([^\s=;"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"\s*|([^;"]*)))?)?/gys;

/**
 * Parses the parameters of a Content-Type or Content-Disposition: `; name="a"; filename=b.txt`. The keys are in lower case.
 * Empty parameters and those without `=` are ignored. A value without quotes may have any characters but quotes and
 * semicolons, since clients write names with spaces so.
 *
 * @param text The header from its first semicolon on.
 * @returns `undefined` if it is malformed.
 */
export function parseParameters(text: string): ReadonlyMap<string, Parameter> | undefined {
  const parameters = new Map<string, Parameter>();
  let end = 0;
  PARAMETER.lastIndex = 0;
  for (let match = PARAMETER.exec(text); match !== null; match = PARAMETER.exec(text)) {
    end = PARAMETER.lastIndex;
    const [, key, quoted, unquoted] = match;
    const value = quoted ?? unquoted?.trim();
    if (key === undefined || value === undefined) continue;
    if (quoted === undefined && /\s/.test(value.slice(0, value.lastIndexOf("=") + 1))) return undefined; // a semicolon is missing
    const known = parameters.get(key.toLowerCase());
    parameters.set(
      key.toLowerCase(),
      known ? { ...known, isRepeated: true } : { value, isQuoted: quoted !== undefined, isRepeated: false },
    );
  }
  return end === text.length ? parameters : undefined;
}

/** The most characters of a boundary, by RFC 2046, section 5.1.1. */
const MAX_BOUNDARY = 70;

/**
 * The boundary of a form.
 *
 * @param contentType The Content-Type of the request.
 * @throws {UploadError} If it has none, or one that is not allowed.
 */
export function boundaryOf(contentType: string): string {
  const parameter = parameterOf(contentType, "boundary");
  if (!parameter?.value) throw malformedForm("the Content-Type has no boundary");
  // Programs disagree on which of two counts.
  if (parameter.isRepeated) throw malformedForm("the Content-Type has two boundaries");
  const boundary = parameter.isQuoted ? parameter.value.replace(/\\(.)/g, "$1") : parameter.value;
  if (!/^[\x20-\x7e]+$/.test(boundary)) throw malformedForm("its boundary must be printable ASCII");
  if (boundary.length > MAX_BOUNDARY) throw malformedForm(`its boundary has more than ${MAX_BOUNDARY} characters`);
  return boundary;
}

/** The charset of a part's Content-Type; `undefined` for none. */
export function charsetOf(contentType: string): string | undefined {
  return parameterOf(contentType, "charset")?.value;
}

/** A parameter of a Content-Type; `undefined` if it is missing, or the parameters are malformed. */
function parameterOf(contentType: string, name: string): Parameter | undefined {
  const start = contentType.indexOf(";");
  return start === -1 ? undefined : parseParameters(contentType.slice(start).trimEnd())?.get(name);
}
