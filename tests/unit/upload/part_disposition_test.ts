import { assertEquals } from "@std/assert";
import { parseDisposition } from "../../../src/upload/part_disposition.ts";

Deno.test("parseDisposition() reads names as browsers and other programs write them", () => {
  const cases: readonly (readonly [header: string, name?: string, fileName?: string])[] = [
    ['form-data; name="a"', "a"],
    ["form-data; name=a", "a"],
    ['FORM-DATA;NAME="a"', "a"],
    ['form-data; name="a"; filename="b.txt"', "a", "b.txt"],
    ['form-data; filename="b.txt"; name="a"', "a", "b.txt"],
    ['form-data; name="a"; filename=""', "a", ""],
    ['form-data; name="a"; filename="日本 😀.txt"', "a", "日本 😀.txt"],
    ['form-data; name="a%22%0D%0A"; filename="%22b%22;c.txt"', 'a"\r\n', '"b";c.txt'],
    [String.raw`form-data; name="a"; filename="say \"hi\".txt"`, "a", 'say "hi".txt'],
    [String.raw`form-data; name="a"; filename="C:\temp\b.txt"`, "a", String.raw`C:\temp\b.txt`],
    [`form-data; name="a"; filename*=UTF-8''b%20%E2%82%AC.txt`, "a", "b €.txt"],
    [`form-data; name="a"; filename="b.txt"; filename*=UTF-8''c.txt`, "a", "b.txt"],
    [`form-data; name="a"; filename*=UTF-8''%E2%82`, "a", "\0"],
    ["form-data"],
    ['form-data; name=""'],
    ['form-data; name="a'],
    ['form-data; name="a" filename="b"'],
    ['form-data; name="a"; name="b"'],
    ['form-data; name="a"; filename="b"; filename="c"'],
    ['attachment; name="a"'],
    ['form-data; name="a"; x'],
    [""],
  ];
  for (const [header, name, fileName] of cases) {
    assertEquals(parseDisposition(header), name === undefined ? undefined : { name, fileName }, header);
  }
  assertEquals(parseDisposition(undefined), undefined);
  assertEquals(parseDisposition(['form-data; name="a"', 'form-data; name="b"']), undefined);
});
