import { assertEquals, assertThrows } from "@std/assert";
import { SuspiciousNameError } from "../../../src/errors.ts";
import { folderPattern, pathBelow } from "../../../src/field/upload_path.ts";

Deno.test("folderPattern() writes a date in UTC, as strftime does", () => {
  const folder = (pattern: string, date: string): string => folderPattern(pattern)(new Date(date));
  assertEquals(folder("%Y/%y/%m/%d/%j", "2026-03-04T05:06:07Z"), "2026/26/03/04/063");
  assertEquals(folder("%H%M%S/100%%/", "2026-03-04T05:06:07Z"), "050607/100%");
  assertEquals([folder("%j", "2024-12-31T23:59:59Z"), folder("%d", "2026-01-01T00:30:00+02:00")], ["366", "31"]);
});

Deno.test("folderPattern() refuses unknown directives and unsafe paths", () => {
  for (const pattern of ["%Y/%B", "100%", "%constructor"]) {
    assertThrows(() => folderPattern(pattern), TypeError, pattern);
  }
  for (const pattern of ["/a", "../a", "a/../b"]) assertThrows(() => folderPattern(pattern), SuspiciousNameError);
});

Deno.test("pathBelow() keeps the folders of a name, and refuses '..' segments", () => {
  assertEquals([pathBelow("a", "b/c.txt"), pathBelow("", "c.txt")], ["a/b/c.txt", "c.txt"]);
  for (const name of ["../c.txt", "/c.txt", "b/../c.txt"]) {
    assertThrows(() => pathBelow("a", name), SuspiciousNameError);
  }
});
