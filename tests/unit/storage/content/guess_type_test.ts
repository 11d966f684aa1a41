import { assertEquals } from "@std/assert";
import { guessContentType, guessEncoded } from "../../../../src/storage/content/guess_type.ts";
import { readSource } from "../../../house/source_files.ts";

for (
  const [name, expected] of [
    ["a.css", "text/css"],
    ["a.js", "text/javascript"],
    ["a.mjs", "text/javascript"],
    ["a.json", "application/json"],
    ["a.svg", "image/svg+xml"],
    ["a.html", "text/html"],
    ["a.htm", "text/html"],
    ["a.txt", "text/plain"],
    ["a.png", "image/png"],
    ["a.jpg", "image/jpeg"],
    ["a.JPEG", "image/jpeg"],
    ["a/b.c/d.Png", "image/png"],
    ["a.woff2", "font/woff2"],
    ["a.mp4", "video/mp4"],
    ["a.b.c.txt", "text/plain"],
    [".txt", "text/plain"],
    ["a", undefined],
    ["a.", undefined],
    ["a.unknown", undefined],
    ["a.txt/b", undefined],
    ["a.constructor", undefined],
    ["a.tar tgz", undefined],
    ["txt", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`guessContentType() returns ${expected} for '${name}'`, () =>
    assertEquals(guessContentType(name), expected));
}

for (const [name, expected] of [["a.gz", "application/gzip"], ["a.tar.gz", "application/gzip"]]) {
  Deno.test(`guessContentType() returns ${expected} for '${name}', where Python returns an encoding`, () => {
    assertEquals(guessContentType(name!), expected);
  });
}

/** The types that Python has otherwise. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "3g2": "video/3gpp2",
  "3gp": "video/3gpp",
  "3gpp": "video/3gpp",
  "3gpp2": "video/3gpp2",
  "aif": "audio/aiff",
  "aifc": "audio/aiff",
  "aiff": "audio/aiff",
  "js": "text/javascript",
  "mjs": "text/javascript",
  "obj": "model/obj",
  "opus": "audio/ogg",
  "rdf": "application/rdf+xml",
  "vcf": "text/vcard",
  "wav": "audio/wav",
  "xml": "application/xml",
};

Deno.test("guessContentType() knows all extensions of Python's mimetypes, and returns its type except for those listed", async () => {
  const python: [string, string][] = JSON.parse(await readSource("tests/vectors/media_types.json"));
  assertEquals(python.length, 149);
  const expected = python.map(([extension, type]) => [extension, DIFFERENT[extension] ?? type]);
  assertEquals(python.map(([extension]) => [extension, guessContentType(`a.${extension}`)]), expected);
});

for (
  const [extension, type] of [
    ["ts", "video/mp2t"],
    ["m4s", "video/iso.segment"],
    ["mpd", "application/dash+xml"],
    ["glb", "model/gltf-binary"],
    ["apk", "application/vnd.android.package-archive"],
    ["psd", "image/vnd.adobe.photoshop"],
    ["rar", "application/vnd.rar"],
    ["rss", "application/rss+xml"],
    ["atom", "application/atom+xml"],
    ["avif", "image/avif"],
    ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ["parquet", "application/vnd.apache.parquet"],
    ["usdz", "model/vnd.usdz+zip"],
    ["yaml", "application/yaml"],
  ] as const
) {
  Deno.test(`guessContentType() returns ${type} for '.${extension}', which Python 3.11 does not know`, () => {
    assertEquals([guessContentType(`a.${extension}`), guessContentType(`A.${extension.toUpperCase()}`)], [type, type]);
  });
}

for (
  const [name, type, encoding] of [
    ["a.svgz", "image/svg+xml", "gzip"],
    ["a.SVGZ", "image/svg+xml", "gzip"],
    ["a.css.gz", "text/css", "gzip"],
    ["dir.x/a.min.css.GZ", "text/css", "gzip"],
    ["a.js.br", "text/javascript", "br"],
    ["a.html.zst", "text/html", "zstd"],
    ["a.js.map.gz", "application/json", "gzip"],
    ["a.svg.gz", "image/svg+xml", "gzip"],
    ["a.wasm.br", "application/wasm", "br"],
    ["a.txt.br", "text/plain", "br"],
  ] as const
) {
  Deno.test(`guessEncoded() returns ${type} in ${encoding} for '${name}'`, () => {
    assertEquals(guessEncoded(name), { type, encoding });
  });
}

for (
  const name of [
    "a.tar.gz",
    "a.csv.gz",
    "a.sql.gz",
    "a.gz",
    "a.tgz",
    "a.tar.zst",
    "messages.br",
    "a.unknown.br",
    "a.css",
    "a.gz/b",
    "gz",
    "",
  ]
) {
  Deno.test(`guessEncoded() returns undefined for '${name}', which no browser decompresses`, () => {
    assertEquals(guessEncoded(name), undefined);
  });
}
