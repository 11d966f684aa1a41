import { assertEquals } from "@std/assert";
import { isToken } from "../../../../src/kit/text/token.ts";

Deno.test("isToken() accepts the characters of HTTP tokens only", () => {
  for (const text of ["x-amz-date", "!#$%&'*+-.^_`|~09AZaz"]) assertEquals(isToken(text), true, text);
  for (const text of ["", "a b", "a:b", "a\n", "a/b", "(a)", '"a"', "é"]) assertEquals(isToken(text), false, text);
});
