/** What helps the author of an unknown name, besides the known names. */
export interface NameAdvice {
  /**
   * The names that other libraries use, or their ends, in lower case without separators, each with its names here:
   * `ttl:expiresIn type:contentType,mediaType`. The first one that is known is suggested.
   */
  readonly synonyms?: string;
  /** Where all names are described, if they are too many for a message. */
  readonly page?: string;
}

/** More names than this are listed only if nothing shorter helps. */
const MAX_LISTED = 12;

/** The rank of a word that another one begins with: behind all typing errors. */
const IS_START = 1000;

/** The most suggestions. */
const MAX_NEAREST = 5;

/**
 * Describes an unknown name, with suggestions, and with all known names if they are few or nothing else helps.
 *
 * @param kind What the name should be: `option`.
 */
export function unknownName(kind: string, name: string, known: readonly string[], advice: NameAdvice = {}): string {
  const near = nearest(name, known, advice.synonyms);
  const meant = near.length === 0 ? "" : ` Did you mean ${near.join(", ").replace(/, (?=\w+$)/, " or ")}?`;
  let all = "";
  if (known.length === 0) all = " None are known.";
  else if (known.length <= MAX_LISTED || (near.length === 0 && advice.page === undefined)) {
    all = ` Known are ${known.join(", ")}.`;
  } else if (near.length === 0) all = ` See ${advice.page} for the ${known.length} known names.`;
  return `Unknown ${kind} '${name}'.${meant}${all}`;
}

/**
 * Finds the candidate most like `word`, to suggest it in an error.
 *
 * @returns The candidate, or `undefined` if none is near enough for a typing error.
 */
export function closest(word: string, candidates: readonly string[], synonyms?: string): string | undefined {
  return nearest(word, candidates, synonyms)[0];
}

/**
 * Finds the candidates that are most like `word`, at most five: the same but for case, separators and one typing error, else
 * a synonym, else those with the fewest typing errors, else those that contain the word or are a part of it.
 */
export function nearest(word: string, candidates: readonly string[], synonyms = ""): string[] {
  const given = fold(word);
  const ranks = candidates.map((candidate) => rank(given, fold(candidate)));
  const best = Math.min(...ranks);
  if (best > 1) {
    const meant = synonyms.split(" ").map((pair) => pair.split(":")).flatMap(([end, names]) =>
      end && given.endsWith(end) ? names!.split(",") : []
    ).find((name) => candidates.includes(name));
    if (meant !== undefined) return [meant];
  }
  return candidates.filter((_, index) => ranks[index] === best && best < Infinity).slice(0, MAX_NEAREST);
}

/** Whether a word is one of the known ones but for case, separators and at most two typing errors. */
export function isMisspelling(word: string, known: readonly string[]): boolean {
  return known.some((one) => rank(fold(word), fold(one)) <= 2);
}

/** Removes case and separators, so that `bucket_name`, `bucket-name` and `bucketName` are equal. */
function fold(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** How unlike two folded words are; `Infinity` if one cannot be meant by the other. */
function rank(given: string, known: string): number {
  const longest = Math.max(given.length, known.length);
  const limit = Math.max(1, Math.floor(longest / 3));
  if (Math.abs(given.length - known.length) <= limit) {
    const errors = typingErrors(given, known);
    if (errors <= limit) return errors;
  }
  // Part of a name counts like a typing error: `acl` for `defaultAcl`.
  const [part, whole] = given.length < known.length ? [given, known] : [known, given];
  if (part.length < 3 || (part === known && part.length < 4)) return Infinity;
  if (!whole.startsWith(part)) return whole.includes(part) ? IS_START + 1 : Infinity;
  return part === known ? IS_START - known.length / IS_START : IS_START; // partSize before parts, for partSizeBytes
}

/**
 * The number of letters to insert, to delete, to replace, or to swap with their neighbour, that turn one word into another.
 * Source: the optimal string alignment distance (Damerau, Levenshtein).
 */
function typingErrors(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
      }
    }
    [beforeLast, last] = [last, row];
  }
  return last[other.length]!;
}
