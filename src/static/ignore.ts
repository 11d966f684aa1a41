/** What is left out where nothing else is said: Django's `ignore_patterns` of its staticfiles app. */
export const IGNORED: readonly string[] = ["CVS", ".*", "*~"];

/**
 * Whether a name is left out: by the name of the file, that of a folder it is in, or its whole path.
 *
 * Source: `get_files` of Django, which matches by Python's `fnmatchcase`: `*`, `?`, `[abc]`, `[!abc]`; `*` takes slashes too.
 *
 * @throws {TypeError} If it is no list of patterns, or one is no text.
 */
export function ignoring(patterns: readonly string[]): (name: string) => boolean {
  if (!Array.isArray(patterns)) throw new TypeError(`ignore must be a list of patterns: it is "${String(patterns)}"`);
  if (patterns.length === 0) return () => false;
  const pattern = new RegExp(`^(?:${patterns.map(expression).join("|")})$`, "s");
  return (name) => pattern.test(name) || name.split("/").some((part) => pattern.test(part));
}

function expression(glob: string): string {
  if (typeof glob !== "string") throw new TypeError(`A pattern to ignore must be text: it is of type ${typeof glob}`);
  return glob.replace(/\[(!?)(\]?[^\]]*)\]|[^]/g, (one, not: string | undefined, set: string | undefined) => {
    if (set !== undefined) return `[${not ? "^" : ""}${set.replace(/[\\^\]]|\[/g, "\\$&")}]`;
    if (one === "*") return ".*";
    return one === "?" ? "." : one.replace(/[$()*+./?[\\\]^{|}-]/, "\\$&");
  });
}
