/**
 * What to say of a name that is unknown: which one may have been meant, and which there are.
 *
 * @param what What the name should be one of: `option`.
 */
export function unknownName(what: string, given: string, known: readonly string[]): string {
  const near = closest(given, known);
  const advice = near === undefined ? "" : ` Did you mean ${near}?`;
  return `There is no ${what} named ${given}.${advice} Known are ${known.join(", ")}.`;
}

/**
 * The candidate most like `word`, for a "did you mean" in an error.
 *
 * @returns The candidate, or `undefined` when none is near enough to be a slip of the hand.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const given = fold(word);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const candidate of candidates) {
    const known = fold(candidate);
    // Half a name is as good as a slip of the hand: `bucket` for `bucketName`.
    const distance = given.length > 2 && known !== given && known.includes(given) ? 1 : editDistance(given, known);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Lower-cased without separators, so that `bucket_name`, `bucket-name` and `bucketName` are one word. */
function fold(word: string): string {
  return word.slice(0, 100).toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Levenshtein distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substitution = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
