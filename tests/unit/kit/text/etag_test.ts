import { assertEquals } from "@std/assert";
import { matchesETag } from "../../../../src/kit/text/etag.ts";

Deno.test("an ETag is found in a list, with quotes or without, and * is any that is there", () => {
  for (const list of ['"a"', "a", 'W/"a"', '"b", "a"', "b,a", "*", '"b" , *']) {
    assertEquals(matchesETag(list, '"a"'), true, list);
  }
  for (const list of ['"b"', "", '"A"', '"b", "c"']) assertEquals(matchesETag(list, '"a"'), false, list);
  for (const list of ["*", '"a"', ""]) assertEquals(matchesETag(list, undefined), false, list);
});
