/**
 * Kinds of media types: the first row that matches a type gives its kinds, one or several. A type without a row has no kind.
 *
 * Source: the IANA registry, and the types that browsers, mail programs and HTTP libraries use: those of the Windows registry,
 * of shared-mime-info on Linux and of Python's `mimetypes`.
 */
const KINDS: readonly (readonly [types: RegExp, kinds: readonly string[]])[] = [
  [/^(image|application|text)\/svg(\+xml|-xml)?$/, ["picture", "text"]],
  [/^(text|application)\/(x-)?(rtf|richtext)$/, ["text", "document"]],
  [/^application\/(vnd\.|x-)?(ms-?)?excel/, ["text", "document"]], // the type of CSV on Windows with Excel
  [/^(text|image)\/(x-)?pdf$/, ["document"]],
  [/^text\/ico$/, ["picture"]],
  [/^application\/vnd\.oasis\.opendocument\.formula-template$/, ["document", "font"]], // which also has the extension .otf
  [/^(text|message)\//, ["text"]],
  [/^application\/([\w.+-]*[+.-])?(json|xml|javascript|ecmascript|yaml|toml|csv|markdown|ics|sql)$/, ["text"]],
  [/^application\/x-(sh|shellscript|csh|perl|python|ruby|php|httpd-php)$/, ["text", "program"]],
  [/^image\//, ["picture"]],
  [/^(audio|video)\//, ["sound or film"]], // the same formats contain both
  [/^application\/(x-)?(ogg|mp4|midi|matroska|mpegurl|vnd\.ms-asf)$/, ["sound or film"]],
  [/^font\/|^application\/((x-)?font-|vnd\.ms-(opentype|fontobject)$)/, ["font"]],
  [/^application\/(x-pdf|pdf|msword|vnd\.(ms-|openxmlformats-|oasis\.)|epub\+zip$|java-archive$)/, ["document"]],
  [/^application\/(zip|(x-)?gzip|zstd|vnd\.rar|x-(zip|rar|7z|bzip2?|g?tar|ustar|compressed))/, ["document"]],
  [/^application\/(wasm|x-(msdownload|ms-?dos|dosexec|executable|elf|sharedlib|mach-binary))/, ["program"]],
];

/** A single compressed file: Python declares `a.txt.gz` with the type of the compressed file. */
const COMPRESSED = /^application\/(gzip|zstd|x-bzip2)$/;

/**
 * Whether a client's declared type contradicts the type of the file: both have known kinds, and none in common. Types without
 * a kind contradict nothing: an empty one, `application/octet-stream`, `application/x-download`, and all others that are not in
 * the table.
 *
 * @param type The type by the file's name, or else by its first bytes.
 * @param isNamed Whether it is by the name. Bytes alone show the container format, and clients may declare the type of its
 * content: an OpenRaster picture is a zip.
 */
export function contradicts(declared: string, type: string, isNamed: boolean): boolean {
  const kinds = kindsOf(type);
  if (COMPRESSED.test(type) || !isNamed && (kinds.includes("document") || kinds.includes("sound or film"))) {
    return false;
  }
  const declaredKinds = kindsOf(declared.split(";")[0]!.trim().toLowerCase());
  return kinds.length > 0 && declaredKinds.length > 0 && !kinds.some((kind) => declaredKinds.includes(kind));
}

function kindsOf(type: string): readonly string[] {
  return KINDS.find(([types]) => types.test(type))?.[1] ?? [];
}
