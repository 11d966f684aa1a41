import { PermissionDeniedError } from "../../../src/errors.ts";
import { serve } from "../../../src/serve/mod.ts";
import { patternBytes } from "../random.ts";
import { s3On } from "../storage/storages.ts";
import { RangeServer } from "../transfer/range_server.ts";
import { errorAnswer } from "../transport.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { choosePart, parseRange, partAhead } from "../../../src/serve/range.ts";

Deno.test("parseRange() reads ranges of bytes, and ignores malformed headers", () => {
  assertEquals(parseRange("bytes=0-6"), [{ start: 0, end: 7 }]);
  assertEquals(parseRange(" Bytes=1-, -5 ,"), [{ start: 1, end: Infinity }, { suffix: 5 }]);
  for (const header of [null, "", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-", "lines=0-1", "bytes=0-1;2-3"]) {
    assertEquals(parseRange(header), undefined, String(header));
  }
  assertEquals(parseRange(`bytes=${"0-0,".repeat(100)}`), undefined);
  assertEquals(parseRange(`bytes=${"0-0,".repeat(99)}`)?.length, 99);
});

Deno.test("choosePart() cuts a range to the file's size", () => {
  const part = (header: string, size: number): unknown => choosePart(parseRange(header)!, size);
  assertEquals(part("bytes=2-100", 10), { start: 2, end: 10 });
  assertEquals(part("bytes=-3", 10), { start: 7, end: 10 });
  assertEquals(part("bytes=-30", 10), { start: 0, end: 10 });
  assertEquals([part("bytes=10-", 10), part("bytes=-0", 10)], ["none", "none"]);
  assertEquals([part("bytes=0-1,5-6", 10), part("bytes=-5", 0)], [undefined, undefined]);
  assertEquals([part("bytes=0-5", 0), part("bytes=1-5", 0)], [undefined, "none"]);
  assertEquals(part("bytes=0-1,50-60", 10), { start: 0, end: 2 });
});

Deno.test("partAhead() is known without the size for one range with a start", () => {
  const ahead = (header: string): unknown => partAhead(parseRange(header)!);
  assertEquals([ahead("bytes=2-4"), ahead("bytes=2-")], [{ start: 2, end: 5 }, { start: 2, end: Infinity }]);
  assertEquals([ahead("bytes=-4"), ahead("bytes=0-1,2-3"), ahead("bytes=99999999999999999-")], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("serve() sends all of a file whose service ignores ranges", async () => {
  const bytes = patternBytes(1000);
  for (const range of ["bytes=0-9", "bytes=10-19", "bytes=10-", "bytes=-10", "bytes=0-1,5-6"]) {
    const server = new RangeServer(bytes, () => ({ ignoresRange: true }));
    const request = new Request("http://localhost/a.bin", { headers: { range } });
    const response = await serve(s3On(server), request, { name: "a.bin" });
    assertEquals([response.status, response.headers.get("content-range")], [200, null], range);
    assertEquals(response.headers.get("content-length"), "1000", range);
    assertEquals(await response.bytes(), bytes, range);
  }
});

Deno.test("serve() reports other failures of a range as they are", async () => {
  const server = new RangeServer(patternBytes(10), () => ({ instead: errorAnswer(403, "AccessDenied") }));
  const request = new Request("http://localhost/a.bin", { headers: { range: "bytes=1-2" } });
  await assertRejects(() => serve(s3On(server), request, { name: "a.bin" }), PermissionDeniedError);
  assertEquals(server.asked.length, 1);
});
