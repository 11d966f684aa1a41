import { assertEquals } from "@std/assert";
import { parseHttpDate } from "../../../src/serve/http_date.ts";

Deno.test("parseHttpDate() reads the three forms of a date, and no others", () => {
  const now = new Date("2026-11-22T00:00:00Z");
  const seconds = Date.UTC(1994, 10, 6, 8, 49, 37) / 1000;
  const cases: readonly (readonly [text: string | null, seconds: number | undefined])[] = [
    ["Sun, 06 Nov 1994 08:49:37 GMT", seconds],
    ["Sunday, 06-Nov-94 08:49:37 GMT", seconds],
    ["Sun Nov  6 08:49:37 1994", seconds],
    ["Sun Nov 16 08:49:37 1994", seconds + 10 * 86400],
    ["Tuesday, 01-Jan-30 00:00:00 GMT", Date.UTC(2030, 0, 1) / 1000],
    ["Thursday, 01-Jan-76 00:00:00 GMT", Date.UTC(2076, 0, 1) / 1000],
    ["Saturday, 01-Jan-77 00:00:00 GMT", Date.UTC(1977, 0, 1) / 1000],
    ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2016, 11, 31, 23, 59, 59) / 1000],
    ["Sun, 06 Nov 1994 08:49:37 CET", undefined],
    ["Sun, 06 Nov 1994 08:49:37", undefined],
    ["Sun, 06 Foo 1994 08:49:37 GMT", undefined],
    ["Sun, 41 Nov 1994 08:49:37 GMT", undefined],
    ["Thu, 31 Feb 1994 08:49:37 GMT", undefined],
    ["Sun, 06 Nov 1994 24:00:00 GMT", undefined],
    ["Sun, 06 Nov 1994 28:49:37 GMT", undefined],
    ["1994-11-06T08:49:37Z", undefined],
    ["784111777", undefined],
    ["", undefined],
    [null, undefined],
  ];
  for (const [text, expected] of cases) assertEquals(parseHttpDate(text, now), expected, String(text));
});
