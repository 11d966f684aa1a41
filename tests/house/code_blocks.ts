/** The code blocks of pages and of comments. */
import { readSource } from "./source_files.ts";

export interface CodeBlock {
  /** The text after the backticks: a language, and `ignore`. */
  readonly kind: string;
  readonly code: string;
}

/** The code blocks of a page, or of the documentation comments of a source. */
export async function blocksOf(path: string): Promise<CodeBlock[]> {
  const source = await readSource(path);
  const texts = path.endsWith(".md") ? [source] : Array.from(
    source.matchAll(/\/\*\*[^]*?\*\//g),
    ([comment]) => comment.replaceAll(/^[ \t]*\* ?/gm, ""),
  );
  return texts.flatMap((text) =>
    Array.from(text.matchAll(/^```([^\n`]*)\n([^]*?)^```$/gm), ([, kind, code]) => ({ kind: kind!, code: code! }))
  );
}
