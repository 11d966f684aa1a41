import { parse } from "es-module-lexer/minimal/js";
import type { Reference } from "./reference.ts";
import { escaped, excerpt, metaUrls, type UnknownUrl, workerUrls } from "./script_urls.ts";

/** The references of a script. */
export interface JsReferences {
  readonly references: readonly Reference[];
  /** Why its imports could not be parsed, if it looks like a module. */
  readonly problem?: string;
  /** Places whose files cannot be known, so that they keep their names. */
  readonly unknown: readonly UnknownUrl[];
}

/** An import as the parser found it. */
type ParsedImport = ReturnType<typeof parse>[0][number];

/**
 * Finds the references of a script: imports by `./`, `../` or `/`, URLs relative to `import.meta.url`, scripts of workers, and
 * its source map. Bare names are left to bundlers and import maps.
 *
 * Source: ECMA-426 for the source map's comment, which is the last line of a script.
 *
 * @param readsImports Whether all but the source map is included.
 */
export function jsReferences(js: string, readsImports: boolean): JsReferences {
  const map = sourceMap(js);
  if (!readsImports) return { references: map, unknown: [] };
  const worker = workerUrls(js);
  // Most scripts of a site have no imports, and need no parsing.
  if (!/\b(?:import|export)\b/.test(js)) {
    return { references: inOrder([...worker.references, ...map]), unknown: worker.unknown };
  }
  try {
    // The parser takes a byte order mark for a character of the first token.
    const parsed = parse(js.replace(/^\ufeff/, " "))[0];
    const meta = metaUrls(js, parsed.filter(({ d }) => d === -2).map(({ s, e }) => ({ start: s, end: e })));
    const computed = parsed.filter(({ n, d }) => n === undefined && d > -1)
      .map(({ ss, se }): UnknownUrl => ({ start: ss, code: excerpt(js.slice(ss, se)) }));
    const imports = parsed.filter(({ n }) => n !== undefined && /^\.{0,2}\//.test(n)).map(referenceOf);
    return {
      references: inOrder([...imports, ...meta.references, ...worker.references, ...map]),
      unknown: [...computed, ...meta.unknown, ...worker.unknown],
    };
  } catch (error) {
    const problem = /^[^\S\n\r\u2028\u2029]*(?:import|export)\b/m.test(js) ? (error as Error).message : undefined;
    const references = inOrder([...worker.references, ...map]);
    return { references, unknown: worker.unknown, ...(problem === undefined ? {} : { problem }) };
  }
}

function referenceOf({ n, s, e, d }: ParsedImport): Reference {
  const quotes = d === -1 ? 0 : 1; // the range includes the quotes of dynamic imports only
  // A dynamic import may be guarded, as by try. Without an extension that browsers import, it is meant for a bundler or a
  // server that completes names.
  const isOptional = d > -1 || !/\.(?:m?js|json|css|wasm)(?:[?#]|$)/i.test(n!);
  return { start: s + quotes, end: e - quotes, url: n!, write: escaped, isOptional };
}

/** The references by position, without those inside others. */
function inOrder(references: readonly Reference[]): Reference[] {
  let end = 0;
  return references.toSorted((one, other) => one.start - other.start).filter((reference) => {
    if (reference.start < end) return false;
    end = reference.end;
    return true;
  });
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
