import { formatValue } from "../../kit/values/format_value.ts";
import { matchesPieces, type Piece } from "../../kit/text/wildcards.ts";

/** The default of `ignore`: Django's `ignore_patterns` of its staticfiles app. */
export const IGNORED: readonly string[] = ["CVS", ".*", "*~"];

/**
 * Makes a test for ignored names: by the name of the file, of a folder above it, or by the whole path.
 *
 * Source: Django's `get_files`, which matches as Python's `fnmatchcase`: `*`, `?`, `[abc]`, `[!abc]`; `*` also matches slashes.
 *
 * @throws {TypeError} If `patterns` is not an array of strings.
 */
export function ignoreFilter(patterns: readonly string[], option = "ignore"): (name: string) => boolean {
  if (!Array.isArray(patterns)) {
    throw new TypeError(`Cannot collect: ${option} must be an array of patterns, got ${formatValue(patterns)}`);
  }
  const all = patterns.map((pattern) => piecesOf(pattern, option));
  const isIgnored = (name: string): boolean => all.some((pieces) => matchesPieces(pieces, name));
  return (name) => all.length > 0 && (isIgnored(name) || name.split("/").some(isIgnored));
}

function piecesOf(pattern: string, option: string): Piece[] {
  if (typeof pattern !== "string") {
    throw new TypeError(`Cannot collect: each pattern in ${option} must be a string, got ${formatValue(pattern)}`);
  }
  const pieces: Piece[] = [];
  const characters = [...pattern];
  const lastSetEnd = characters.lastIndexOf("]");
  for (let index = 0; index < characters.length; index++) {
    const one = characters[index]!;
    const start = index + (characters[index + 1] === "!" ? 2 : 1);
    // A closing bracket at the start of a set is a member of it; an opening bracket that is never closed is literal.
    if (one === "[" && start < lastSetEnd) {
      index = characters.indexOf("]", start + 1);
      pieces.push(setOf(characters.slice(start, index), characters[start - 1] === "!"));
    } else pieces.push(one === "*" ? one : (character) => one === "?" || one === character);
  }
  return pieces;
}

/** The characters and ranges such as `a-z` between brackets. */
function setOf(members: readonly string[], isNegated: boolean): Piece {
  const ranges: [string, string][] = [];
  for (let index = 0; index < members.length; index++) {
    const isRange = members[index + 1] === "-" && index + 2 < members.length;
    ranges.push([members[index]!, members[isRange ? index + 2 : index]!]);
    if (isRange) index += 2;
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== isNegated;
}
