/**
 * Describes an unknown name, with a suggestion and all known names.
 *
 * @param kind What the name should be: `option`.
 */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const near = closest(name, known);
  const advice = near === undefined ? "" : ` Did you mean ${near}?`;
  const all = known.length === 0 ? "None are known." : `Known are ${known.join(", ")}.`;
  return `Unknown ${kind} '${name}'.${advice} ${all}`;
}

/** The least likeness of a typing error: the share of the word that it leaves unchanged at the start and the end. */
const MIN_LIKENESS = 0.6;

/**
 * Finds the candidate most like `word`, to suggest it in an error.
 *
 * @returns The candidate, or `undefined` if none is near enough for a typing error.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const likenesses = candidates.map((candidate) => likeness(fold(word), fold(candidate)));
  const best = Math.max(...likenesses);
  return best < MIN_LIKENESS ? undefined : candidates[likenesses.indexOf(best)];
}

/** Removes case and separators, so that `bucket_name`, `bucket-name` and `bucketName` are equal. */
function fold(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** The share of the longer word, from 0 to 1, that both words have in common at their starts and ends. */
function likeness(given: string, known: string): number {
  // Part of a name counts like a typing error: `acl` for `defaultAcl`.
  if (given.length > 2 && known.includes(given)) return given === known ? 1 : MIN_LIKENESS;
  let start = 0;
  while (start < given.length && given[start] === known[start]) start++;
  let end = 0;
  while (end < given.length - start && given.at(-1 - end) === known.at(-1 - end)) end++;
  return (start + end) / Math.max(given.length, known.length, 1);
}
