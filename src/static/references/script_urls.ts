import type { Reference } from "./reference.ts";

/** A place of a script whose URL is computed or has an unknown base, so that it cannot be rewritten. */
export interface UnknownUrl {
  /** Start offset in the text. */
  readonly start: number;
  /** The code, shortened. */
  readonly code: string;
}

/** A use of `import.meta`, by its offsets. */
interface MetaUse {
  readonly start: number;
  readonly end: number;
}

/** The references that a script has besides its imports. */
export interface ScriptUrls {
  readonly references: readonly Reference[];
  readonly unknown: readonly UnknownUrl[];
}

/** The most characters before and after `import.meta` that are searched for its URL. */
const MAX_CHARACTERS = 1024;

/** The most characters of code in a message. */
const MAX_SHOWN = 60;

/**
 * Finds `new URL("x", import.meta.url)` and `import.meta.resolve("x")`, in which the file may be missing: bundlers leave
 * some of them in branches that never run.
 *
 * @param uses The uses of `import.meta`, which the parser found outside of comments and strings.
 */
export function metaUrls(js: string, uses: readonly MetaUse[]): ScriptUrls {
  const references: Reference[] = [];
  const unknown: UnknownUrl[] = [];
  for (const { start, end } of uses) {
    const after = js.slice(end, end + MAX_CHARACTERS);
    const resolved = /^\s*\.\s*resolve\s*\(\s*(["'`])([^"'`\\$\n]*)\1\s*\)/.exec(after);
    if (resolved !== null) {
      const first = end + resolved[0].indexOf(resolved[1]!) + 1;
      references.push(literal(first, resolved[2]!));
      continue;
    }
    if (!/^\s*\.\s*url\b/.test(after)) continue;
    const before = js.slice(Math.max(0, start - MAX_CHARACTERS), start).trimEnd();
    if (!before.endsWith(",")) continue;
    const opened = before.lastIndexOf("URL");
    const call = opened === -1 || !/\bnew\s$/.test(`${before.slice(0, opened).trimEnd()} `)
      ? undefined
      : before.slice(opened);
    if (call === undefined) continue;
    const match = /^URL\s*\(\s*(?:\/\*[^*]*\*\/\s*)?(["'`])([^"'`\\$\n]*)\1\s*,$/.exec(call);
    const from = start - (js.slice(Math.max(0, start - MAX_CHARACTERS), start).length - opened);
    if (match === null) unknown.push({ start: from, code: excerpt(`new ${call} import.meta.url)`) });
    else references.push(literal(from + call.lastIndexOf(match[2]! + match[1]!), match[2]!));
  }
  return { references, unknown };
}

/**
 * Finds `importScripts("x")`, and `new Worker("/x")` with an absolute path. A relative path of a worker begins at the page,
 * which is not known.
 */
export function workerUrls(js: string): ScriptUrls {
  const references: Reference[] = [];
  const unknown: UnknownUrl[] = [];
  if (!/\bimportScripts\b|Worker\b/.test(js)) return { references, unknown };
  for (
    const { index, 0: text, 1: name, 2: first = "" } of js.matchAll(
      /\b(importScripts|(?:Shared)?Worker)\s*\(\s*(["'`]?)/g,
    )
  ) {
    const isScript = name === "importScripts";
    if (!isScript && !/\bnew\s+$/.test(js.slice(Math.max(0, index - MAX_SHOWN), index))) continue;
    if (first === "") continue;
    let from = index + text.length;
    for (;;) {
      const to = js.indexOf(first, from);
      const url = to === -1 ? undefined : js.slice(from, to);
      if (url === undefined || url.length > MAX_CHARACTERS || /[\\\n$"'`]/.test(url)) break;
      const isKnown = isScript || url.startsWith("/");
      if (isKnown) references.push(literal(from, url));
      else if (isRelative(url)) unknown.push({ start: index, code: excerpt(`new ${name}(${first}${url}${first})`) });
      const next = !isScript ? null : /^\s*,\s*(["'`])/.exec(js.slice(to + 1, to + MAX_CHARACTERS));
      if (next === null || next[1] !== first) break;
      from = to + 1 + next[0].length;
    }
  }
  return { references, unknown };
}

function isRelative(url: string): boolean {
  return !/^[a-z][a-z\d+.-]*:/i.test(url);
}

function literal(start: number, url: string): Reference {
  return { start, end: start + url.length, url, write: escaped, isOptional: true };
}

/** Code of one line for a message. */
export function excerpt(code: string): string {
  const line = code.slice(0, 2 * MAX_SHOWN).replace(/\s+/g, " ");
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

/** The URL escaped for quotes of any kind. */
export function escaped(url: string): string {
  return JSON.stringify(url).slice(1, -1).replace(/['`]/g, "\\$&");
}
