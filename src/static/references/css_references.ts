import { type CSSToken, tokenizer, TokenType } from "@csstools/css-tokenizer";
import type { Reference } from "./reference.ts";

/**
 * Finds the references of a style sheet: `url()`, `@import`, the images of `image-set()`, and its source map.
 *
 * Source: CSS Syntax Level 3 for the tokens, so comments and strings are not searched. The written text is that of Django, so
 * that both compute the same hash.
 */
export function cssReferences(css: string): Reference[] {
  // Most style sheets have no references, and need no parsing. An escape may spell any of these words.
  if (!/url\(|@import|image-set|sourceMappingURL|\\/i.test(css)) return [];
  const { nextToken, endOfFile } = tokenizer({ css });
  const scan = new CssScan();
  while (!endOfFile()) scan.add(nextToken());
  return scan.references;
}

/** Finds references in the tokens of a style sheet. */
class CssScan {
  readonly references: Reference[] = [];
  /** The names of open functions; `""` for an open bracket. */
  readonly #open: string[] = [];
  /** An `@import` or `url(` that may be followed by its string. */
  #begun: { readonly start: number; readonly write: Reference["write"] } | undefined;

  add(token: CSSToken): void {
    const [type, text, start, last] = token;
    const end = last + 1;
    if (type === TokenType.Whitespace) return;
    if (type === TokenType.Comment) return this.#addSourceMap(text, start, end);
    if (type === TokenType.String) this.#addString(token[4].value.trim(), start, end);
    this.#begun = undefined;
    if (type === TokenType.URL) this.#add(start, end, token[4].value, (url) => `url(${quoted(url)})`);
    if (type === TokenType.AtKeyword && isNamed(token, "import")) this.#begun = { start, write: importOf };
    if (type === TokenType.Function && isNamed(token, "url")) {
      this.#begun = { start, write: (url) => `url(${quoted(url)}` };
    }
    if (type === TokenType.Function) this.#open.push(token[4].value);
    if (type === TokenType.OpenParen) this.#open.push("");
    if (type === TokenType.CloseParen) this.#open.pop();
  }

  #addSourceMap(comment: string, start: number, end: number): void {
    const url = /^\/\*[#@][ \t]*sourceMappingURL=([^\s*]+)\s*\*\/$/.exec(comment)?.[1];
    if (url === undefined) return;
    const write = (url: string): string => `/*# sourceMappingURL=${url} */`;
    this.references.push({ start, end, url, write, isOptional: true });
  }

  #addString(url: string, start: number, end: number): void {
    if (this.#begun !== undefined) this.#add(this.#begun.start, end, url, this.#begun.write);
    else if (/^(?:-webkit-)?image-set$/i.test(this.#open.at(-1) ?? "")) this.#add(start, end, url, quoted);
  }

  #add(start: number, end: number, url: string, write: Reference["write"]): void {
    this.references.push({ start, end, url, write });
  }
}

function isNamed(token: CSSToken, name: string): boolean {
  return (token[4] as { readonly value: string }).value.toLowerCase() === name;
}

function importOf(url: string): string {
  return `@import url(${quoted(url)})`;
}

function quoted(url: string): string {
  return `"${url.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\a ")}"`;
}
