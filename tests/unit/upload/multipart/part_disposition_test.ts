import { assertEquals, assertThrows } from "@std/assert";
import { parseDisposition } from "../../../../src/upload/multipart/part_disposition.ts";
import { UploadError } from "../../../../src/upload/upload_error.ts";

Deno.test("parseDisposition() reads names as browsers and other programs write them", () => {
  const cases: readonly (readonly [header: string, name: string, fileName?: string])[] = [
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
    [
      `form-data; name="a"; filename="=?utf-8?B?R3LDvMOfZS50eHQ=?="; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt`,
      "a",
      "Grüße.txt",
    ],
    [`form-data; name=a; filename*=utf-8''Gr%C3%BC.txt; filename="=?utf-8?Q?x?="`, "a", "Grü.txt"],
    [`form-data; name="a"; filename="=?utf-8?B?eA==?= =?utf-8?B?eQ==?="; filename*=utf-8''z`, "a", "z"],
    [`form-data; name="a"; filename="my =?utf-8?B?eA==?="; filename*=utf-8''z`, "a", "my =?utf-8?B?eA==?="],
    [`form-data; name="a"; filename="=?utf-8?B?eA==?="; filename*=utf-8''%E2%82`, "a", "\0"],
    [`form-data; name="a"; filename="=?utf-8?B?eA==?="; filename*=`, "a", "\0"],
    [`form-data; name="=?utf-8?B?R3LDvMOfZQ==?="; filename="=?utf-8?B?R3LDvMOfZS50eHQ=?="`, "Grüße", "Grüße.txt"],
    [`form-data; name="a"; filename="=?utf-8?B?/w==?="`, "a", "=?utf-8?B?/w==?="],
    [`form-data; name="a"; filename=""; filename*=utf-8''z`, "a", ""],
    [`form-data; name="a"; filename*=iso-8859-1'de'Gr%FC%DFe%20%41.txt`, "a", "Grüße A.txt"],
    [`form-data; name="a"; filename*=iso-8859-1''100%`, "a", "\0"],
    [`form-data; name="a"; filename*=utf-16''a`, "a", "\0"],
    ['form-data; name="a";', "a"],
    ['form-data; name="a" ; ; filename="b" ; ', "a", "b"],
    ['form-data; name="a"; x', "a"],
    ["form-data; name=my field; filename=my file.txt", "my field", "my file.txt"],
    ["form-data; name=a; filename=a=b.txt", "a", "a=b.txt"],
  ];
  for (const [header, name, fileName] of cases) {
    assertEquals(parseDisposition(header), { name, fileName }, header);
  }
});

Deno.test("parseDisposition() refuses what it cannot read in one way only, and says why", () => {
  const noName = "a part has no name";
  const malformed = "the Content-Disposition of a part is malformed";
  const cases: readonly (readonly [header: string | readonly string[] | undefined, message: string])[] = [
    ["form-data", noName],
    ['form-data; name=""', noName],
    ["form-data; name", noName],
    ['form-data; name="a', malformed],
    ['form-data; name="a" filename="b"', malformed],
    ["form-data; name=a filename=b", malformed],
    ["form-data; name=a; filename=my = file.txt", malformed],
    ['form-data; name="a"b', malformed],
    ['form-data; name=a"b"', malformed],
    ['form-data; name="a"; name="b"', "the Content-Disposition of a part has two values of name"],
    ['form-data; name="a"; filename="b"; FILENAME="c"', "the Content-Disposition of a part has two values of filename"],
    ['attachment; name="a"', 'must be form-data, got "attachment; name'],
    ['form-data name="a"', "must be form-data, got"],
    ["", 'must be form-data, got ""'],
    [undefined, "a part has no Content-Disposition"],
    [['form-data; name="a"', 'form-data; name="b"'], "a part has two Content-Disposition headers"],
  ];
  for (const [header, message] of cases) assertThrows(() => parseDisposition(header), UploadError, message);
});
