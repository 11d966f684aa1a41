import { assertEquals, assertStrictEquals } from "@std/assert";
import { fileTypes } from "../../../../src/storage/content/lazy.ts";

Deno.test("fileTypes() returns no promise once the table is loaded", async () => {
  const loaded = await fileTypes();
  assertEquals(loaded.guessContentType("a.png"), "image/png");
  assertStrictEquals(fileTypes(), loaded);
});
