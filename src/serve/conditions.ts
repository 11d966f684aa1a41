import { parseHttpDate } from "./http_date.ts";

/** The validators of a file, which distinguish its versions. */
export interface Validators {
  /** The entity tag in quotes, after `W/` for a weak one; empty for none. */
  readonly etag: string;
  readonly modifiedTime: Date;
}

/** An entity tag in a list. It may contain commas. */
const ENTITY_TAGS = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/**
 * Evaluates a request's preconditions, in the order of RFC 9110, section 13.2.2.
 *
 * @returns The status to respond with instead of the file; `undefined` to send the file.
 */
export function failedCondition(headers: Headers, file: Validators): 304 | 412 | undefined {
  const changedSince = (name: string): boolean | undefined => {
    const since = parseHttpDate(headers.get(name));
    const modified = seconds(file.modifiedTime);
    return since === undefined || Number.isNaN(modified) ? undefined : modified > since;
  };
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null ? !isListed(ifMatch, file.etag, isSame) : changedSince("if-unmodified-since")) return 412;
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) return isListed(ifNoneMatch, file.etag, isAlike) ? 304 : undefined;
  return changedSince("if-modified-since") === false ? 304 : undefined;
}

/**
 * Whether `If-Range` matches the file, so that the client can use a part of it.
 *
 * Source: RFC 9110, section 13.1.5. A date must be exactly that of the file.
 */
export function isRangeCurrent(headers: Headers, file: Validators): boolean {
  const ifRange = headers.get("if-range");
  if (ifRange === null) return true;
  if (/^(W\/)?"/.test(ifRange)) return isSame(ifRange.trim(), file.etag);
  return parseHttpDate(ifRange) === seconds(file.modifiedTime);
}

/** Whether a request has a precondition that may avoid sending the file. */
export function isConditional(headers: Headers): boolean {
  return ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"].some((name) => headers.has(name));
}

function isListed(list: string, etag: string, same: (one: string, other: string) => boolean): boolean {
  if (list.trim() === "*") return true;
  return (list.match(ENTITY_TAGS) ?? []).some((tag) => same(tag, etag));
}

/** The strong comparison: the same bytes. */
function isSame(one: string, other: string): boolean {
  return one === other && one.startsWith('"');
}

/** The weak comparison: equivalent content. */
function isAlike(one: string, other: string): boolean {
  return one.replace(/^W\//, "") === other.replace(/^W\//, "") && other !== "";
}

/** The time in whole seconds, as in headers. */
function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
