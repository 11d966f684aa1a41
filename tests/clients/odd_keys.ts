/** Keys with what URLs and signatures trip over; each is also a name that a storage takes. */
export const ODD_KEYS: readonly string[] = [
  "a.txt",
  "path/to/ñ f+l&e.txt",
  "per%20cent%2F",
  "~tilde_-.()*!'",
  "日本/emoji 😀.gif",
  "q?uestion#hash",
  "+",
];
