import { assertEquals } from "@std/assert";
import { fitsType } from "../../../src/kit/bytes/file_signature.ts";
import { endsIn, hasExtension, namedType } from "../../../src/upload/named_type.ts";
import { SENT } from "./declared_types.ts";

Deno.test("namedType() knows only extensions whose files have known first bytes", () => {
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

Deno.test("hasExtension() counts characters that other programs read as a dot", () => {
  for (
    const name of ["a.b", ".htaccess", "a.", "a\uff0ephp", "a\u2024php", "a\u2026", "a\u3002b", "a%2ephp", "a%2Ephp"]
  ) {
    assertEquals(hasExtension(name), true, name);
  }
  for (const name of ["a", "README", "日本", "a-b_c", "100%"]) assertEquals(hasExtension(name), false, name);
});

Deno.test("endsIn() compares letters of ASCII without case, and no others", () => {
  assertEquals([endsIn("a.TAR.gz", ".tar.GZ"), endsIn("gz", ".gz"), endsIn("a.m\u212av", ".mkv")], [
    true,
    false,
    false,
  ]);
});
