/**
 * Detects a cycle in a sequence with Brent's algorithm, which keeps one value however long the cycle is.
 *
 * @returns A function to call with each value; it returns true once a value has occurred again.
 */
export function findRepetition(): (value: string) => boolean {
  let kept: string | undefined;
  let steps = 0;
  let most = 1;
  return (value) => {
    if (value === kept) return true;
    if (++steps === most) {
      kept = value;
      steps = 0;
      most *= 2;
    }
    return false;
  };
}
