import { assertEquals } from "@std/assert";
import { matchesETag, quotedETags } from "../../../../src/kit/text/etag.ts";

Deno.test("matchesETag() finds an ETag with or without quotes, and * matches any existing one", () => {
  for (const list of ['"a"', "a", 'W/"a"', '"b", "a"', "b,a", "*", '"b" , *']) {
    assertEquals(matchesETag(list, '"a"'), true, list);
  }
  for (const list of ['"b"', "", '"A"', '"b", "c"']) assertEquals(matchesETag(list, '"a"'), false, list);
  for (const list of ["*", '"a"', ""]) assertEquals(matchesETag(list, undefined), false, list);
});

Deno.test("quotedETags() quotes the bare ETags of a list and keeps all else", () => {
  const lists: Readonly<Record<string, string>> = {
    "": "",
    "*": "*",
    a: '"a"',
    '"a"': '"a"',
    'W/"a"': 'W/"a"',
    "a,b": '"a","b"',
    ' a , "b, c",W/"d", *': ' "a" , "b, c",W/"d", *',
    "5d41402a-2": '"5d41402a-2"',
  };
  for (const [list, quoted] of Object.entries(lists)) assertEquals(quotedETags(list), quoted, list);
});
