/** A piece of a pattern: any characters, or a condition on one character. */
export type Piece = "*" | ((character: string) => boolean);

/**
 * Whether a pattern matches the whole text, in a time of at most the text's length times the pattern's, since only the last
 * `*` is tried again. The time of a regular expression grows with the text's length to the power of the number of `.*`.
 */
export function matchesPieces(pieces: readonly Piece[], text: string): boolean {
  const characters = [...text];
  let piece = 0, star = -1, tried = 0;
  for (let index = 0; index < characters.length;) {
    const current = pieces[piece];
    if (current === "*") {
      star = piece++;
      tried = index;
    } else if (current?.(characters[index]!)) {
      index++;
      piece++;
    } else if (star >= 0) {
      piece = star + 1;
      index = ++tried;
    } else return false;
  }
  return pieces.slice(piece).every((one) => one === "*");
}
