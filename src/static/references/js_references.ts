import { parse } from "es-module-lexer/minimal/js";
import type { Reference } from "./reference.ts";

/** What a script refers to. */
export interface JsReferences {
  readonly references: readonly Reference[];
  /** Why its imports could not be read, where it has the look of a module. */
  readonly problem?: string;
}

/**
 * What a script refers to: modules by `./`, `../` or `/` (bare names are a bundler's or an import map's business), and its
 * source map.
 *
 * Source: ECMA-426 for the source map's comment, which is the last line of a script.
 *
 * @param readsImports Whether imports count.
 */
export function jsReferences(js: string, readsImports: boolean): JsReferences {
  const map = sourceMap(js);
  // Most scripts of a site have none: then nothing needs to be read.
  if (!readsImports || !/\b(?:import|export)\b/.test(js)) return { references: map };
  try {
    const imports = parse(js)[0].filter(({ n }) => n !== undefined && /^\.{0,2}\//.test(n));
    const found = imports.map(({ n, s, e, d }): Reference => {
      const quotes = d === -1 ? 0 : 1; // a static import's quotes are outside, a dynamic one's inside
      // Without an extension of what browsers import it is meant for a bundler, or a server that tries some.
      const isOptional = !/\.(?:m?js|json|css|wasm)(?:[?#]|$)/i.test(n!);
      return { start: s + quotes, end: e - quotes, url: n!, write: escaped, isOptional };
    });
    return { references: [...found, ...map] };
  } catch (error) {
    const problem = /^[^\S\n\r\u2028\u2029]*(?:import|export)\b/m.test(js) ? (error as Error).message : undefined;
    return { references: map, ...(problem === undefined ? {} : { problem }) };
  }
}

function sourceMap(js: string): Reference[] {
  const match = /\/\/[#@][ \t]+sourceMappingURL=([^\s'"`]+)\s*$/.exec(js.slice(-SOURCE_MAP_CHARACTERS));
  if (match === null) return [];
  const url = match[1]!;
  const start = Math.max(0, js.length - SOURCE_MAP_CHARACTERS) + match.index + match[0].lastIndexOf(url);
  return [{ start, end: start + url.length, url, write: (url) => url, isOptional: true }];
}

/** A longer name of a source map is the map itself, as a data: URL. */
const SOURCE_MAP_CHARACTERS = 4096;

/** As it stands within quotes, whichever they are. */
function escaped(url: string): string {
  return JSON.stringify(url).slice(1, -1).replace(/['`]/g, "\\$&");
}
