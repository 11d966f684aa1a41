import { assertEquals } from "@std/assert";
import {
  firstBytes,
  isUtf8Type,
  lacksCharset,
  withCharset,
  withUtf8,
} from "../../../../src/storage/content/charset.ts";

for (
  const type of [
    "text/html",
    "text/plain",
    "text/css",
    "text/javascript",
    "TEXT/CSV",
    "text/markdown;",
    " text/plain ; ",
    "application/javascript",
    "application/x-javascript",
    "application/xml",
    "image/svg+xml",
    "application/rss+xml",
    "application/xhtml+xml",
  ]
) {
  const expected = `${type.replace(/[\s;]+$/, "").trim()}; charset=utf-8`;
  Deno.test(`a browser needs a charset for '${type}'`, () => {
    assertEquals([lacksCharset(type), withUtf8(type)], [true, expected]);
  });
}

for (
  const type of [
    "",
    "text/",
    "text",
    "text/html; charset=utf-8",
    "text/html;charset=iso-8859-1",
    'text/plain; format="flowed"',
    "application/json",
    "application/ld+json",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/png",
    "video/mp2t",
  ]
) {
  Deno.test(`'${type}' gets no charset`, () => assertEquals([lacksCharset(type), withUtf8(type)], [false, type]));
}

for (
  const [type, expected] of [
    ["text/html; charset=utf-8", true],
    ['text/html;charset="UTF-8";x=y', true],
    ["text/html; charset=utf-16", false],
    ["text/html; xcharset=utf-8x", false],
    ["text/html", false],
    [undefined, false],
  ] as const
) {
  Deno.test(`isUtf8Type() returns ${expected} for '${type}'`, () => assertEquals(isUtf8Type(type), expected));
}

const UTF8 = new TextEncoder();
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf16 = (text: string): Uint8Array => latin1([...text].map((character) => `${character}\0`).join(""));
const PAGE = '<!doctype html><meta charset="';

/** The bytes of files, whether they are all, and whether they count as UTF-8. */
const CASES: readonly (readonly [what: string, bytes: Uint8Array, isWhole: boolean, isUtf8: boolean])[] = [
  ["an empty file", new Uint8Array(0), true, true],
  ["ASCII", UTF8.encode("abc\r\n\t\f"), true, true],
  ["German", UTF8.encode("Grüße"), true, true],
  ["a byte order mark", UTF8.encode("\ufeffabc"), true, true],
  ["German of which only the first bytes are known", UTF8.encode("Grüße"), false, true],
  ["ASCII of which only the first bytes are known", UTF8.encode("abc"), false, true],
  ["a character that is cut off by the limit", UTF8.encode("日本").subarray(0, 5), false, true],
  ["a character that is cut off by the end", UTF8.encode("日本").subarray(0, 5), true, false],
  ["German in Latin-1", latin1("Gr\xfc\xdfe"), true, false],
  ["Latin-1 after 60 kB of ASCII", latin1("a".repeat(60_000) + "\xfc"), true, false],
  ["UTF-16 with a byte order mark", Uint8Array.of(0xff, 0xfe, 97, 0), true, false],
  ["UTF-16 without one", utf16("abc"), true, false],
  ["ISO-2022-JP", latin1("\x1b$BF|K\\\x1b(B"), true, false],
  ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0), true, false],
  ["a page that declares UTF-8", UTF8.encode(`${PAGE}UTF-8">Grüße`), true, true],
  ["a page that declares utf8", UTF8.encode(`${PAGE}utf8">abc`), true, true],
  ["a page in ASCII that declares Latin-1", UTF8.encode(`${PAGE}iso-8859-1">abc`), true, false],
  [
    "a page that declares Shift_JIS in the older form",
    UTF8.encode('<meta content="a/b; charset=shift_jis">'),
    true,
    false,
  ],
  ["XML that declares Latin-1", UTF8.encode('<?xml version="1.0" encoding="ISO-8859-1"?><a/>'), true, false],
  ["XML that declares UTF-8", UTF8.encode("<?xml version='1.0' encoding='utf-8'?><a/>"), true, true],
  ["CSS that declares Latin-1", UTF8.encode('@charset "iso-8859-1"; a {}'), true, false],
];

for (const [what, bytes, isWhole, isUtf8] of CASES) {
  Deno.test(`withCharset() ${isUtf8 ? "adds the charset" : "keeps the type"}: ${what}`, () => {
    const expected = isUtf8 ? "text/html; charset=utf-8" : "text/html";
    assertEquals(withCharset("text/html", { bytes, isWhole }), expected);
    assertEquals(withCharset("image/png", { bytes, isWhole }), "image/png");
    assertEquals(withCharset("text/html; charset=x", { bytes, isWhole }), "text/html; charset=x");
  });
}

Deno.test("firstBytes() returns 64 KiB at most, and whether they are all", () => {
  for (const [size, length, isWhole] of [[0, 0, true], [65_536, 65_536, true], [65_537, 65_536, false]] as const) {
    const first = firstBytes(new Uint8Array(size));
    assertEquals([first.bytes.byteLength, first.isWhole], [length, isWhole]);
  }
});
