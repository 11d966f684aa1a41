/**
 * The text without the characters at its end that are among the given ones. A pattern such as `/\/+$/` would take the
 * square of a run's length wherever the run is not at the end.
 */
export function trimEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/** A folder's path without the separators at its end, but for those of a root: `/` stays. */
export function trimFolder(path: string): string {
  return trimEnd(path, "/\\") || path.slice(0, 1);
}
