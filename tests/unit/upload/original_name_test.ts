import { assertEquals, assertThrows } from "@std/assert";
import { checkOriginalName } from "../../../src/upload/original_name.ts";
import { UploadError } from "../../../src/upload/upload_error.ts";

Deno.test("checkOriginalName() takes the last part of a path", () => {
  for (
    const [given, name] of [["a.txt", "a.txt"], ["b/c/a b.txt ", "a b.txt"], ["b\\a.txt", "a.txt"], ["..a", "..a"]]
  ) {
    assertEquals(checkOriginalName(given!), name);
  }
});

Deno.test("checkOriginalName() refuses names with '..' segments, absolute paths and control characters", () => {
  const refused = ["", " ", "a/", ".", "../a", "a/%2e%2E/b", "..%5ca", "/a", "\\a", "C:\\a", "c:a\0", "a\nb", "\ud800"];
  for (const given of refused) {
    const error = assertThrows(() => checkOriginalName(given), UploadError);
    assertEquals(error.code, "SuspiciousName", given);
  }
});
