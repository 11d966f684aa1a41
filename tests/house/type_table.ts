// deno-lint-ignore-file no-console -- as a command it prints what it wrote
/**
 * Writes src/storage/content/type_table.ts from the table of Python and from the types below.
 *
 * `deno task table:types` writes the file; a house test compares it.
 */
import { ROOT } from "../offline/import_map.ts";
import { readSource } from "./source_files.ts";

export const TYPE_TABLE = "src/storage/content/type_table.ts";

/**
 * Types with their extensions, which come before those of Python.
 *
 * Source: the IANA registry of media types; for types that are not registered, shared-mime-info and mime-db. Where two are in
 * use, the type that browsers and players accept. The second table has the reason wherever Python has another type.
 */
const FURTHER = `
application/atom+xml atom
application/dash+xml mpd
application/epub+zip epub
application/geo+json geojson
application/gml+xml gml
application/gpx+xml gpx
application/gzip gz tgz
application/java-archive jar war ear
application/jsonl jsonl
application/json map
application/json5 json5
application/ld+json jsonld
application/msword doc dot wiz
application/mxf mxf
application/ogg ogx
application/pgp-encrypted pgp gpg
application/pgp-signature sig
application/pkcs8 p8
application/pkcs10 p10
application/pkix-cert cer
application/pkix-crl crl
application/rss+xml rss
application/rtf rtf
application/smil+xml smi smil
application/sql sql
application/toml toml
application/vnd.adobe.air-application-installer-package+zip air
application/vnd.amazon.ebook azw
application/vnd.android.package-archive apk
application/vnd.apache.arrow.file arrow
application/vnd.apache.parquet parquet
application/vnd.apple.keynote key
application/vnd.apple.numbers numbers
application/vnd.apple.pages pages
application/vnd.apple.installer+xml mpkg
application/vnd.debian.binary-package deb
application/vnd.google-earth.kml+xml kml
application/vnd.google-earth.kmz kmz
application/vnd.ms-cab-compressed cab
application/vnd.ms-excel.addin.macroenabled.12 xlam
application/vnd.ms-excel.sheet.binary.macroenabled.12 xlsb
application/vnd.ms-excel.sheet.macroenabled.12 xlsm
application/vnd.ms-fontobject eot
application/vnd.ms-outlook msg
application/vnd.ms-powerpoint.presentation.macroenabled.12 pptm
application/vnd.ms-project mpp
application/vnd.ms-word.document.macroenabled.12 docm
application/vnd.mozilla.xul+xml xul
application/vnd.oasis.opendocument.formula odf
application/vnd.oasis.opendocument.graphics odg
application/vnd.oasis.opendocument.presentation odp
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.oasis.opendocument.text odt
application/vnd.oasis.opendocument.text-template ott
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.openxmlformats-officedocument.presentationml.slideshow ppsx
application/vnd.openxmlformats-officedocument.presentationml.template potx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.spreadsheetml.template xltx
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.openxmlformats-officedocument.wordprocessingml.template dotx
application/vnd.rar rar
application/vnd.sqlite3 sqlite sqlite3
application/vnd.visio vsd
application/x-7z-compressed 7z
application/x-apple-diskimage dmg
application/x-bittorrent torrent
application/x-bzip2 bz2 tbz2
application/x-chrome-extension crx
application/x-iso9660-image iso
application/x-lz4 lz4
application/x-lzma lzma
application/x-mobipocket-ebook mobi
application/x-msi msi
application/x-ndjson ndjson
application/x-perl pm
application/x-rpm rpm
application/x-ruby rb
application/x-subrip sub
application/x-xpinstall xpi
application/x-xz xz txz
application/xhtml+xml xhtml xht
application/xml-dtd dtd
application/xslt+xml xslt
application/yaml yaml yml
application/zstd zst
audio/amr amr
audio/matroska mka
audio/midi mid midi kar
audio/mp4 m4a m4b m4r
audio/ogg oga ogg spx
audio/webm weba
audio/x-ape ape
audio/x-caf caf
audio/flac flac
audio/x-ms-wma wma
audio/x-scpls pls
font/collection ttc
font/otf otf
font/ttf ttf
font/woff woff
font/woff2 woff2
image/aces exr
image/apng apng
image/bmp dib
image/heic-sequence heics
image/heif hif
image/jp2 jp2
image/jpeg jfif pjp pjpeg
image/jpm jpm
image/jpx jpx
image/jxl jxl
image/ktx ktx
image/ktx2 ktx2
image/pict pct pic pict
image/vnd.adobe.photoshop psd psb
image/vnd.djvu djv djvu
image/vnd.dwg dwg
image/vnd.dxf dxf
image/vnd.ms-dds dds
image/vnd.radiance hdr
image/webp webp
image/wmf wmf
image/emf emf
image/x-adobe-dng dng
image/x-canon-cr2 cr2
image/x-canon-cr3 cr3
image/x-nikon-nef nef
image/x-olympus-orf orf
image/x-panasonic-rw2 rw2
image/x-sony-arw arw
image/x-tga tga
model/3mf 3mf
model/gltf+json gltf
model/gltf-binary glb
model/iges igs iges
model/mtl mtl
model/step step stp
model/stl stl
model/vnd.collada+xml dae
model/vnd.usdz+zip usdz
text/calendar ics ifb
text/markdown md markdown
text/plain log text conf ini
text/x-c++ cc cpp cxx hpp
text/x-csharp cs
text/x-go go
text/x-java java
text/x-kotlin kt
text/x-lua lua
text/x-rust rs
text/x-sass sass
text/x-scss scss
text/x-less less
text/x-swift swift
text/x-vue vue
video/iso.segment m4s
video/matroska mkv mk3d
video/mp2t ts m2ts mts
video/mp4 m4v mp4v
video/ogg ogv
video/x-flv flv
video/x-ms-asf asf
video/x-ms-wmv wmv
`;

/** The types that Python has otherwise, each with the reason. */
const DIFFERENT: readonly (readonly [line: string, reason: string])[] = [
  ["application/rdf+xml rdf", "registered by RFC 3870"],
  ["application/xml xml", "RFC 7303; Python's text/xml is an alias"],
  ["audio/aiff aif aifc aiff", "without x-, as browsers play it, and as uploads detect it"],
  ["audio/ogg opus", "RFC 7845: a file of Opus is an Ogg file"],
  ["audio/wav wav", "the type of the WHATWG MIME Sniffing Standard"],
  ["model/obj obj", "3D models are stored, object files of compilers are not"],
  ["text/javascript js mjs", "RFC 9239; application/javascript is obsolete"],
  ["text/vcard vcf", "RFC 6350; text/x-vcard is older"],
  ["video/3gpp 3gp 3gpp", "telephones record films"],
  ["video/3gpp2 3g2 3gpp2", "telephones record films"],
];

const HEAD = `/**
 * Subtypes and their extensions, by type; a bare word is both. Generated by \`deno task table:types\`.
 *
 * Source: all extensions of Python 3.11's \`mimetypes\`, which django-storages uses, and the IANA registry of media types.
 * \`.ts\` is a stream of HLS (video/mp2t), as for all web servers: no browser runs TypeScript, but players need this type.
 */
export const SUBTYPES: Readonly<Record<string, string>> = {
`;

/** The type of every extension. */
export async function typesByExtension(): Promise<Map<string, string>> {
  const types = new Map<string, string>(JSON.parse(await readSource("tests/vectors/media_types.json")));
  for (const line of [...FURTHER.trim().split("\n"), ...DIFFERENT.map(([line]) => line)]) {
    const [type, ...extensions] = line.split(" ") as [string, ...string[]];
    for (const extension of extensions) types.set(extension, type);
  }
  return types;
}

/** The source of the table. */
export async function typeTable(): Promise<string> {
  const byType = new Map<string, string[]>();
  for (const [extension, type] of await typesByExtension()) byType.set(type, [...byType.get(type) ?? [], extension]);
  const byTop = new Map<string, string[]>();
  for (const [type, extensions] of [...byType].sort()) {
    const [top, subtype] = type.split("/") as [string, string];
    const isBare = extensions.length === 1 && extensions[0] === subtype;
    byTop.set(top, [...byTop.get(top) ?? [], isBare ? subtype : `${subtype}=${extensions.sort().join(",")}`]);
  }
  const rows = [...byTop].map(([top, entries]) => {
    const lines = [""];
    for (const entry of entries) {
      const last = lines.at(-1)!;
      if (last.length + entry.length > 100) lines.push(entry);
      else lines[lines.length - 1] = last === "" ? entry : `${last} ${entry}`;
    }
    const quoted = lines.map((line, index) => JSON.stringify(index === lines.length - 1 ? line : `${line} `));
    return `  ${top}: ${quoted.length === 1 ? quoted[0] : quoted.join(" +\n    ")},\n`;
  });
  return `${HEAD}${rows.join("")}};\n`;
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL(TYPE_TABLE, ROOT), await typeTable());
  console.log(TYPE_TABLE);
}
