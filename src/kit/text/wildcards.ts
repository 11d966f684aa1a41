/** A piece of a pattern: any characters, or what one character must be. */
export type Piece = "*" | ((character: string) => boolean);

/**
 * Whether a pattern matches the whole text. A regular expression with several `.*` takes the length of the text to the
 * power of their number; this takes the text's length times the pattern's at most, since only the last `*` is ever tried
 * again.
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
