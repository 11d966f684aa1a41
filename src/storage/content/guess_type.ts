import { SUBTYPES } from "./type_table.ts";

/**
 * Guesses the media type from a name's extension; `undefined` if the extension is unknown. A compressed file has its own type:
 * `a.css.gz` is `application/gzip`.
 */
export function guessContentType(name: string): string | undefined {
  const extension = extensionOf(name);
  return extension === undefined ? undefined : (typeOf ??= typesByExtension()).get(extension);
}

/** A compressed file that browsers decompress. */
export interface CodedType {
  /** The type of the decompressed file. */
  readonly type: string;
  readonly encoding: "gzip" | "br" | "zstd";
}

/** The content codings of HTTP that are extensions. Python has more (`.Z`, `.bz2`, `.xz`), which browsers do not know. */
const ENCODINGS: Readonly<Record<string, CodedType["encoding"]>> = { gz: "gzip", br: "br", zst: "zstd" };

/** Types of the parts of pages: their compressed files are made for servers. Others, such as `.csv.gz`, are archives. */
const PAGE_TYPES = /^(text\/(css|html|javascript)|image\/svg\+xml|application\/(xhtml\+xml|manifest\+json|wasm))$/;

/**
 * The type and the encoding of a name such as `a.css.gz`, `a.js.br` and `a.svgz`, as django-storages has them. `undefined` for
 * other names, and for archives such as `a.tar.gz`, which a browser must not decompress when it downloads them. Brotli has no
 * archives: every `.br` after a known extension is encoded.
 */
export function guessEncoded(name: string): CodedType | undefined {
  const extension = extensionOf(name);
  if (extension === "svgz") return { type: "image/svg+xml", encoding: "gzip" };
  if (extension === undefined || !Object.hasOwn(ENCODINGS, extension)) return undefined;
  const inner = name.slice(0, -extension.length - 1);
  const [type, encoding] = [guessContentType(inner), ENCODINGS[extension]!];
  if (type === undefined) return undefined; // such as messages.br, in Breton
  return encoding === "br" || PAGE_TYPES.test(type) || /\.map$/i.test(inner) ? { type, encoding } : undefined;
}

function extensionOf(name: string): string | undefined {
  const extension = name.slice(name.lastIndexOf(".") + 1); // a regular expression for all of it would try every dot
  return extension.length < name.length && /^[a-z0-9]+$/i.test(extension) ? extension.toLowerCase() : undefined;
}

let typeOf: ReadonlyMap<string, string> | undefined;

function typesByExtension(): Map<string, string> {
  const types = new Map<string, string>();
  for (const [type, subtypes] of Object.entries(SUBTYPES)) {
    for (const entry of subtypes.split(" ")) {
      const [subtype, extensions = subtype] = entry.split("=");
      for (const extension of extensions!.split(",")) types.set(extension, `${type}/${subtype}`);
    }
  }
  return types;
}
