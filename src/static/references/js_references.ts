import { parse } from "es-module-lexer/minimal/js";
import type { Reference } from "./reference.ts";

/** The references of a script. */
export interface JsReferences {
  readonly references: readonly Reference[];
  /** Why its imports could not be parsed, if it looks like a module. */
  readonly problem?: string;
}

/**
 * Finds the references of a script: imports by `./`, `../` or `/`, and its source map. Bare names are left to bundlers and
 * import maps.
 *
 * Source: ECMA-426 for the source map's comment, which is the last line of a script.
 *
 * @param readsImports Whether imports are included.
 */
export function jsReferences(js: string, readsImports: boolean): JsReferences {
  const map = sourceMap(js);
  // Most scripts of a site have no imports, and need no parsing.
  if (!readsImports || !/\b(?:import|export)\b/.test(js)) return { references: map };
  try {
    const imports = parse(js)[0].filter(({ n }) => n !== undefined && /^\.{0,2}\//.test(n));
    const found = imports.map(({ n, s, e, d }): Reference => {
      const quotes = d === -1 ? 0 : 1; // the range includes the quotes of dynamic imports only
      // Without an extension that browsers import, it is meant for a bundler or a server that completes names.
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

/** A longer URL of a source map is a data: URL with the map itself. */
const SOURCE_MAP_CHARACTERS = 4096;

/** The URL escaped for quotes of any kind. */
function escaped(url: string): string {
  return JSON.stringify(url).slice(1, -1).replace(/['`]/g, "\\$&");
}
