import { assertEquals } from "@std/assert";
import { withoutCoding } from "../../../../src/kit/text/content_codings.ts";

Deno.test("withoutCoding() removes a coding in any place and case, and keeps the others", () => {
  const cases: [string | null | undefined, string | undefined][] = [
    [undefined, undefined],
    [null, undefined],
    ["", undefined],
    ["chunky", undefined],
    ["gzip", "gzip"],
    ["chunky,gzip", "gzip"],
    ["gzip,chunky", "gzip"],
    ["gzip , Chunky", "gzip"],
    ["CHUNKY,\tGZIP ,chunky", "GZIP"],
    ["br, chunky, gzip", "br,gzip"],
    [", gzip,,", "gzip"],
    ["chunky-2", "chunky-2"],
  ];
  for (const [given, expected] of cases) assertEquals(withoutCoding(given, "chunky"), expected, `${given}`);
});
