/**
 * Removes the given characters from the end of a text. A pattern such as `/\/+$/` would take quadratic time for a long run of
 * them elsewhere.
 */
export function trimEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/** Removes the separators at the end of a folder's path, except for a root: `/` stays. */
export function trimFolder(path: string): string {
  return trimEnd(path, "/\\") || path.slice(0, 1);
}
