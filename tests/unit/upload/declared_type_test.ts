import { assertEquals } from "@std/assert";
import { fitsType } from "../../../src/kit/bytes/file_signature.ts";
import { contradicts } from "../../../src/upload/declared_type.ts";
import { hasExtension, namedType } from "../../../src/upload/named_type.ts";

/** What browsers, operating systems and HTTP libraries are known to declare, beside the type that the extension stands for. */
const SENT: Readonly<Record<string, string>> = {
  // Windows: with Excel, with Word, with archivers.
  csv:
    "application/vnd.ms-excel text/csv text/plain text/x-csv application/csv application/x-csv text/comma-separated-values",
  tsv: "text/plain application/vnd.ms-excel",
  rtf: "application/rtf text/rtf application/msword text/richtext",
  zip: "application/zip application/x-zip-compressed application/x-zip multipart/x-zip",
  "7z": "application/x-7z-compressed application/x-compressed",
  docx: "application/zip application/msword application/octet-stream",
  doc: "application/msword application/vnd.ms-word",
  xls: "application/vnd.ms-excel application/msexcel application/x-excel application/excel",
  pdf: "application/pdf application/x-pdf text/pdf application/x-download application/force-download image/pdf",
  wav: "audio/wav audio/x-wav audio/wave audio/vnd.wave",
  mp3: "audio/mpeg audio/mp3 audio/x-mp3 audio/mpeg3 audio/x-mpeg-3 audio/mpg",
  aac: "audio/aac audio/x-aac audio/vnd.dlna.adts audio/aacp",
  m4a: "audio/mp4 audio/x-m4a audio/m4a video/mp4",
  mid: "audio/midi audio/mid audio/x-midi application/x-midi music/crescendo",
  ogg: "audio/ogg video/ogg application/ogg audio/vorbis",
  opus: "audio/ogg audio/opus",
  weba: "audio/webm video/webm",
  mp4: "video/mp4 audio/mp4 application/mp4 video/x-m4v",
  mov: "video/quicktime",
  mkv: "video/x-matroska application/x-matroska",
  "3gp": "video/3gpp audio/3gpp",
  avi: "video/x-msvideo video/avi video/vnd.avi video/msvideo application/x-troff-msvideo",
  wmv: "video/x-ms-wmv video/x-ms-asf application/vnd.ms-asf",
  wma: "audio/x-ms-wma video/x-ms-asf",
  aiff: "audio/aiff audio/x-aiff sound/aiff",
  aif: "audio/aiff audio/x-aiff",
  amr: "audio/amr audio/AMR-WB audio/3gpp",
  js: "text/javascript application/javascript application/x-javascript application/ecmascript",
  json: "application/json text/json text/plain",
  map: "application/json text/plain",
  xml: "text/xml application/xml application/rss+xml",
  svg: "image/svg+xml text/xml application/xml image/svg text/plain",
  html: "text/html application/xhtml+xml text/plain",
  md: "text/markdown text/x-markdown text/plain application/octet-stream",
  yaml: "application/yaml application/x-yaml text/yaml text/x-yaml text/plain",
  ics: "text/calendar application/ics",
  txt: "text/plain text/x-log",
  jpg: "image/jpeg image/jpg image/pjpeg image/png image/*",
  jfif: "image/jpeg image/pjpeg",
  png: "image/png image/x-png",
  heic: "image/heic image/heif image/heic-sequence",
  ico: "image/x-icon image/vnd.microsoft.icon image/ico text/ico",
  bmp: "image/bmp image/x-ms-bmp image/x-windows-bmp",
  tif: "image/tiff image/x-tiff",
  woff: "font/woff application/font-woff application/x-font-woff",
  ttf: "font/ttf font/sfnt application/x-font-ttf application/font-sfnt application/x-font-truetype",
  otf: "font/otf application/vnd.ms-opentype application/vnd.oasis.opendocument.formula-template",
  eot: "application/vnd.ms-fontobject font/eot",
  epub: "application/epub+zip application/zip",
  tar: "application/x-tar application/x-gtar application/tar",
  // Python's mimetypes, and so httpx and aiohttp, call a compressed file by what is inside.
  gz: "application/gzip application/x-gzip text/plain text/csv application/x-tar image/svg+xml",
  wasm: "application/wasm",
};

Deno.test("contradicts() takes every type that clients are known to declare for an extension", () => {
  for (const [extension, declared] of Object.entries(SENT)) {
    const type = namedType(`a.${extension}`)!;
    for (const one of ["", "application/octet-stream", "nonsense", type, ...declared.split(" ")]) {
      for (const written of [one, one.toUpperCase(), ` ${one} ; charset=utf-8`]) {
        assertEquals(contradicts(written, type, true), false, `.${extension} declared as "${written}"`);
      }
    }
  }
});

Deno.test("contradicts() refuses a declared type of another kind", () => {
  for (
    const [type, ...declared] of [
      ["image/png", "text/html", "text/x-php", "application/pdf", "video/mp4", "application/xhtml+xml", "font/woff"],
      ["image/svg+xml", "video/mp4", "application/zip"],
      ["text/plain", "image/png", "application/pdf", "application/zip", "audio/mpeg"],
      ["application/pdf", "text/html", "image/png", "application/javascript", "application/x-msdownload"],
      ["video/mp4", "image/gif", "text/plain"],
      ["font/woff2", "text/css", "image/png"],
    ] as const
  ) {
    for (const one of declared) assertEquals(contradicts(one, type, true), true, `${type} declared as ${one}`);
  }
});

Deno.test("contradicts() lets bytes alone be of a format that others are packed in", () => {
  assertEquals(contradicts("image/openraster", "application/zip", false), false);
  assertEquals(contradicts("image/x-canon-cr3", "video/mp4", false), false);
  assertEquals(contradicts("text/html", "image/png", false), true);
});

Deno.test("namedType() knows only extensions whose files are known by their first bytes", () => {
  const extensions = [
    ...Object.keys(SENT),
    "jpe",
    "pjp",
    "pjpeg",
    "heif",
    "hif",
    "m4b",
    "mka",
    "3g2",
    "log",
    "odp",
    "ods",
  ];
  for (const extension of extensions) {
    const type = namedType(`A.${extension.toUpperCase()}`);
    assertEquals(type, namedType(`a.b.${extension}`), extension);
    assertEquals(fitsType(type!, new Uint8Array(64)), false, `.${extension} is ${type}, which 64 times NUL are not`);
  }
  for (const name of ["a", "a.", "a.unknown", "a.png.", "a.png ", "a\uff0epng", "a.constructor", "a.m\u212av", ""]) {
    assertEquals(namedType(name), undefined, name);
  }
});

Deno.test("hasExtension() takes what other programs see as a dot for one", () => {
  for (
    const name of ["a.b", ".htaccess", "a.", "a\uff0ephp", "a\u2024php", "a\u2026", "a\u3002b", "a%2ephp", "a%2Ephp"]
  ) {
    assertEquals(hasExtension(name), true, name);
  }
  for (const name of ["a", "README", "日本", "a-b_c", "100%"]) assertEquals(hasExtension(name), false, name);
});
