import { assertEquals, assertStrictEquals } from "@std/assert";
import { DEFAULT_CONTENT_TYPE, fileTypes } from "../../../../src/storage/content/content_type.ts";

Deno.test("the default content type is application/octet-stream", () =>
  assertEquals(DEFAULT_CONTENT_TYPE, "application/octet-stream"));

Deno.test("fileTypes() returns no promise once the table is loaded", async () => {
  const loaded = await fileTypes();
  assertEquals(loaded.guessContentType("a.png"), "image/png");
  assertStrictEquals(fileTypes(), loaded);
});
