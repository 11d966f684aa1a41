/** Keys with characters that are difficult in URLs and signatures; all are valid names of storages. */
export const ODD_KEYS: readonly string[] = [
  "a.txt",
  "path/to/ñ f+l&e.txt",
  "per%20cent%2F",
  "~tilde_-.()*!'",
  "日本/emoji 😀.gif",
  "q?uestion#hash",
  "+",
];
