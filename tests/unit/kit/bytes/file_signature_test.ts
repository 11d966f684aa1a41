import { assertEquals } from "@std/assert";
import { detectType, fitsType } from "../../../../src/kit/bytes/file_signature.ts";

const bytes = (of: string): Uint8Array => Uint8Array.from(of, (one) => one.charCodeAt(0));

Deno.test("detectType() detects formats by the first bytes", () => {
  const cases: readonly (readonly [head: string, type: string | undefined])[] = [
    ["\x89PNG\r\n\x1a\n", "image/png"],
    ["\xff\xd8\xff\xe1", "image/jpeg"],
    ["GIF89a", "image/gif"],
    ["RIFF1234WEBPVP8 ", "image/webp"],
    ["RIFF1234WAVEfmt ", "audio/wav"],
    ["RIFF1234AVI LIST", "video/x-msvideo"],
    ["RIFF1234sfbk", undefined],
    ["FORM1234AIFFCOMM", "audio/aiff"],
    ["#!AMR-WB\n", "audio/amr"],
    ["0&\xb2u\x8ef\xcf\x11\xa6\xd9", "video/x-ms-wmv"],
    ["\0\0\0\x1cftypavif", "image/avif"],
    ["\0\0\0\x18ftypheic", "image/heic"],
    ["\0\0\0\x20ftypM4A ", "audio/mp4"],
    ["\0\0\0\x14ftypqt  ", "video/quicktime"],
    ["\0\0\0\x20ftypisom", "video/mp4"],
    ["%PDF-1.4", "application/pdf"],
    ["PK\x03\x04", "application/zip"],
    ["MZ\x90", "application/x-msdownload"],
    ["\x7fELF", "application/x-elf"],
    ["<!doctype html>", undefined],
    ["\x89PN", undefined],
    ["", undefined],
  ];
  for (const [head, type] of cases) assertEquals(detectType(bytes(head)), type, JSON.stringify(head));
});

Deno.test("fitsType() accepts the formats of a type, and returns undefined for unknown ones", () => {
  assertEquals(fitsType("image/png", bytes("\x89PNG\r\n\x1a\n")), true);
  assertEquals(fitsType("image/png", bytes("\xff\xd8\xff")), false);
  assertEquals(fitsType("application/epub+zip", bytes("PK\x03\x04")), true);
  assertEquals(fitsType("application/msword", bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")), true);
  assertEquals(fitsType("video/matroska", bytes("\x1aE\xdf\xa3")), true);
  assertEquals(fitsType("video/mp4", bytes("\0\0\0\x20ftypM4A ")), true, "a box of either");
  for (const atom of ["moov", "mdat", "wide", "free", "skip"]) {
    assertEquals(fitsType("video/quicktime", bytes(`\0\0\0\x08${atom}`)), true, atom);
  }
  assertEquals(fitsType("video/quicktime", bytes("<script>free")), false);
  assertEquals(fitsType("image/heic", bytes("\0\0\0\x18ftypmsf1")), true);
  assertEquals(fitsType("audio/flac", bytes("ID3\x04")), true);
  assertEquals(fitsType("audio/wav", bytes("RF64\xff\xff\xff\xffWAVEds64")), true);
  assertEquals(fitsType("font/ttf", bytes("true\0\x10")), true);
  assertEquals(fitsType("font/otf", bytes("\0\x01\0\0")), true);
  assertEquals(fitsType("text/plain", bytes("The free text, true to ID3")), true);
  assertEquals(fitsType("text/html", bytes("MZ is how this text begins")), true);
  assertEquals(fitsType("text/html", bytes("a\0b")), false);
  assertEquals(fitsType("application/json", bytes("{}")), true);
  assertEquals(fitsType("image/x-of-nobody", bytes("anything")), undefined);
});
