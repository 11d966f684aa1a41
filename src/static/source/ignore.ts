import { matchesPieces, type Piece } from "../../kit/text/wildcards.ts";

/** What is left out where nothing else is said: Django's `ignore_patterns` of its staticfiles app. */
export const IGNORED: readonly string[] = ["CVS", ".*", "*~"];

/**
 * Whether a name is left out: by the name of the file, that of a folder it is in, or its whole path.
 *
 * Source: `get_files` of Django, which matches by Python's `fnmatchcase`: `*`, `?`, `[abc]`, `[!abc]`; `*` takes slashes too.
 *
 * @throws {TypeError} If it is no list of patterns, or one is no text.
 */
export function ignoring(patterns: readonly string[]): (name: string) => boolean {
  if (!Array.isArray(patterns)) throw new TypeError(`ignore must be a list of patterns: it is "${String(patterns)}"`);
  const all = patterns.map(piecesOf);
  const isIgnored = (name: string): boolean => all.some((pieces) => matchesPieces(pieces, name));
  return (name) => all.length > 0 && (isIgnored(name) || name.split("/").some(isIgnored));
}

function piecesOf(pattern: string): Piece[] {
  if (typeof pattern !== "string") {
    throw new TypeError(`A pattern to ignore must be text: it is of type ${typeof pattern}`);
  }
  const pieces: Piece[] = [];
  const characters = [...pattern];
  const lastSetEnd = characters.lastIndexOf("]");
  for (let index = 0; index < characters.length; index++) {
    const one = characters[index]!;
    const start = index + (characters[index + 1] === "!" ? 2 : 1);
    // A bracket that comes first in a set is part of it, and one that no other closes is an ordinary character.
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
