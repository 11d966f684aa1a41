import { assertEquals } from "@std/assert";
import { matchesETag } from "../../../../src/kit/text/etag.ts";

Deno.test("matchesETag() finds an ETag with or without quotes, and * matches any existing one", () => {
  for (const list of ['"a"', "a", 'W/"a"', '"b", "a"', "b,a", "*", '"b" , *']) {
    assertEquals(matchesETag(list, '"a"'), true, list);
  }
  for (const list of ['"b"', "", '"A"', '"b", "c"']) assertEquals(matchesETag(list, '"a"'), false, list);
  for (const list of ["*", '"a"', ""]) assertEquals(matchesETag(list, undefined), false, list);
});
