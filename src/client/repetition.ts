/**
 * Notices a sequence that goes in a circle, by Brent's algorithm: it keeps one value, however long the circle is.
 *
 * @returns Takes the next value; true once one has come again.
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
