import { type CSSToken, tokenizer, TokenType } from "@csstools/css-tokenizer";
import type { Reference } from "./reference.ts";

/**
 * What a style sheet refers to: `url()`, `@import`, the images of `image-set()`, and its source map.
 *
 * Source: CSS Syntax Level 3 for the tokens, so that comments and strings stay what they are; the text that is written
 * is Django's, so that both get the same hash.
 */
export function cssReferences(css: string): Reference[] {
  const references: Reference[] = [];
  // Most style sheets refer to nothing: then nothing needs to be read. An escape may spell any of these.
  if (!/url\(|@import|image-set|sourceMappingURL|\\/i.test(css)) return references;
  const { nextToken, endOfFile } = tokenizer({ css });
  /** The functions and brackets that are open. */
  const open: string[] = [];
  /** Where `@import` or `url(` began that waits for its string. */
  let begun: { readonly at: number; readonly what: "import" | "url" } | undefined;
  while (!endOfFile()) {
    const token = nextToken();
    const [type, text, start, last] = token;
    const end = last + 1;
    if (type === TokenType.Whitespace) continue;
    if (type === TokenType.Comment) {
      const url = /^\/\*[#@][ \t]*sourceMappingURL=([^\s*]+)\s*\*\/$/.exec(text)?.[1];
      const write = (url: string): string => `/*# sourceMappingURL=${url} */`;
      if (url !== undefined) references.push({ start, end, url, write, isOptional: true });
      continue;
    }
    if (type === TokenType.String) {
      const url = token[4].value.trim();
      if (begun?.what === "import") references.push({ start: begun.at, end, url, write: importOf });
      else if (begun?.what === "url") {
        references.push({
          start: begun.at,
          end,
          url,
          write: (url) => `url(${quoted(url)}`,
        });
      } else if (/^(?:-webkit-)?image-set$/i.test(open.at(-1) ?? "")) {
        references.push({ start, end, url, write: quoted });
      }
    }
    begun = undefined;
    if (type === TokenType.URL) {
      references.push({
        start,
        end,
        url: token[4].value,
        write: (url) => `url(${quoted(url)})`,
      });
    }
    if (type === TokenType.AtKeyword && isNamed(token, "import")) begun = { at: start, what: "import" };
    if (type === TokenType.Function && isNamed(token, "url")) begun = { at: start, what: "url" };
    if (type === TokenType.Function) open.push(token[4].value);
    if (type === TokenType.OpenParen) open.push("");
    if (type === TokenType.CloseParen) open.pop();
  }
  return references;
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
