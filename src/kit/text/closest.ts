/**
 * What to say of a name that is unknown: which one may have been meant, and which there are.
 *
 * @param what What the name should be one of: `option`.
 */
export function unknownName(what: string, given: string, known: readonly string[]): string {
  const near = closest(given, known);
  const advice = near === undefined ? "" : ` Did you mean ${near}?`;
  const all = known.length === 0 ? "There are none at all." : `Known are ${known.join(", ")}.`;
  return `There is no ${what} named ${given}.${advice} ${all}`;
}

/** A slip of the hand leaves at least so much of a word at its start and its end. */
const NEAR = 0.6;

/**
 * The candidate most like `word`, for a "did you mean" in an error.
 *
 * @returns The candidate, or `undefined` when none is near enough to be a slip of the hand.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const likenesses = candidates.map((candidate) => likeness(fold(word), fold(candidate)));
  const best = Math.max(...likenesses);
  return best < NEAR ? undefined : candidates[likenesses.indexOf(best)];
}

/** Lower-cased without separators, so that `bucket_name`, `bucket-name` and `bucketName` are one word. */
function fold(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** From 0 to 1: how much of the longer word stands at the start and the end of both. */
function likeness(given: string, known: string): number {
  // Part of a name is as good as a slip of the hand: `acl` for `defaultAcl`.
  if (given.length > 2 && known.includes(given)) return given === known ? 1 : NEAR;
  let start = 0;
  while (start < given.length && given[start] === known[start]) start++;
  let end = 0;
  while (end < given.length - start && given.at(-1 - end) === known.at(-1 - end)) end++;
  return (start + end) / Math.max(given.length, known.length, 1);
}
