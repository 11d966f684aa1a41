import { assertEquals, assertThrows } from "@std/assert";
import { checkOriginalName } from "../../../src/upload/original_name.ts";
import { UploadError } from "../../../src/upload/upload_error.ts";

Deno.test("checkOriginalName() takes the last part of a path", () => {
  for (
    const [given, name] of [
      ["a.txt", "a.txt"],
      ["b/c/a b.txt ", "a b.txt"],
      ["b\\a.txt", "a.txt"],
      ["..a", "..a"],
      ["/b/a.txt", "a.txt"],
      ["C:\\b\\a.txt", "a.txt"],
      ["\\\\b\\c\\a.txt", "a.txt"],
      ["a:b.txt", "a:b.txt"],
      ["Q: notes.txt", "Q: notes.txt"],
    ]
  ) {
    assertEquals(checkOriginalName(given!), name);
  }
});

Deno.test("checkOriginalName() refuses names with '..' segments and control characters, and says why", () => {
  const [empty, dots, control] = [
    "its last part is empty",
    "it has a '.' or '..' segment",
    "it has a control character",
  ];
  const refused = {
    ...{ "": empty, " ": empty, "a/": empty, "C:\\": empty, "\ud800": "it is not Unicode" },
    ...{ ".": dots, "../a": dots, "a/%2e%2E/b": dots, "..%5ca": dots, "C:\\..\\a": dots, "/../a": dots },
    ...{ "c:a\0": control, "a\nb": control },
  };
  for (const [given, reason] of Object.entries(refused)) {
    const error = assertThrows(() => checkOriginalName(given), UploadError, reason);
    assertEquals(error.code, "SuspiciousName", given);
  }
});
