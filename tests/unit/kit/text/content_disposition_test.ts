import { assertEquals, assertThrows } from "@std/assert";
import { contentDisposition } from "../../../../src/kit/text/content_disposition.ts";

Deno.test("contentDisposition() writes names for old and new programs", () => {
  const cases: readonly (readonly [name: string | undefined, header: string])[] = [
    [undefined, "attachment"],
    ["", "attachment"],
    ["plain.txt", 'attachment; filename="plain.txt"'],
    ["a b;c=d.txt", 'attachment; filename="a b;c=d.txt"'],
    ["100%.txt", 'attachment; filename="100%.txt"'],
    ["100%41.txt", `attachment; filename="100_41.txt"; filename*=UTF-8''100%2541.txt`],
    ['say "hi".txt', `attachment; filename="say _hi_.txt"; filename*=UTF-8''say%20%22hi%22.txt`],
    ["../etc/passwd", 'attachment; filename=".._etc_passwd"'],
    ["a\r\nSet-Cookie: x.txt", 'attachment; filename="a__Set-Cookie: x.txt"'],
    ["naïve (1)*'.txt", `attachment; filename="na_ve (1)*'.txt"; filename*=UTF-8''na%C3%AFve%20%281%29%2A%27.txt`],
    ["😀.txt", `attachment; filename="_.txt"; filename*=UTF-8''%F0%9F%98%80.txt`],
    [`${"x".repeat(2000)}.txt`, `attachment; filename="${"x".repeat(1020)}.txt"`],
    ["\ud800.txt", `attachment; filename="_.txt"; filename*=UTF-8''%EF%BF%BD.txt`],
  ];
  for (const [name, header] of cases) assertEquals(contentDisposition("attachment", name), header);
  assertThrows(() => contentDisposition("shown" as "inline", "a"), TypeError, "shown");
});
