// deno-lint-ignore-file no-import-prefix -- only this, a property of the parser, needs fast-check
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import fc from "npm:fast-check@^4";
import { type IniSection, parseIni } from "../../../../src/settings/profile/ini.ts";

/** Sections as plain arrays, for comparison. */
const shown = (source: string): unknown => [...parseIni(source)].map(([name, section]) => [name, values(section)]);
const values = (section: IniSection): unknown =>
  [...section].map(([key, value]) => [key, typeof value === "string" ? value : [...value]]);

for (
  const [what, source, expected] of [
    ["nothing", "", []],
    ["sections, keys and values", "[a]\nx = 1\ny=2\n[b c]\nx : 3", [["a", [["x", "1"], ["y", "2"]]], ["b c", [[
      "x",
      "3",
    ]]]]],
    ["a value that holds delimiters", "[a]\nx = https://h:1/?b=c", [["a", [["x", "https://h:1/?b=c"]]]]],
    ["keys in any case as lower case", "[A]\nKey = V", [["A", [["key", "V"]]]]],
    ["an empty value", "[a]\nx =\ny =", [["a", [["x", ""], ["y", ""]]]]],
    ["CR LF, and CR alone", "[a]\r\nx = 1\r\n\r\ny = 2\r[b]", [["a", [["x", "1"], ["y", "2"]]], ["b", []]]],
    ["a byte order mark", "\ufeff[a]\nx = 1", [["a", [["x", "1"]]]]],
    ["comments at the start of lines", "# c\n; c\n[a]\n  # c\nx = 1\n ;c", [["a", [["x", "1"]]]]],
    ["comments after a space", "[a] # c\nx = 1 ; c\ny = 2\t#c", [["a", [["x", "1"], ["y", "2"]]]]],
    ["a mark without a space as a part of the value", "[a]\nx = a#b;c", [["a", [["x", "a#b;c"]]]]],
    [
      "a mark in quotes as a part of the value",
      `[a]\nx = sh -c "a ; b" 'c # d' # e`,
      [["a", [["x", `sh -c "a ; b" 'c # d'`]]]],
    ],
    ["lines that go on", "[a]\nx = 1\n  2\n\t3\ny = 4", [["a", [["x", "1\n2\n3"], ["y", "4"]]]]],
    [
      "sections within",
      "[a]\ns3 =\n  Max = 20\n  # c\n\n  url = http://h?a=b\nx = 1",
      [["a", [["s3", [["Max", "20"], ["url", "http://h?a=b"]]], ["x", "1"]]]],
    ],
    ["sections within, with a comment behind the key", "[a]\ns3 = # c\n  max = 20", [["a", [["s3", [["max", "20"]]]]]]],
    ["a file that is indented as a whole", "  [a]\n  x = 1\n  y = 2\n    3", [["a", [["x", "1"], ["y", "2\n3"]]]]],
    ["a section that is there twice as one", "[a]\nx = 1\ny = 1\n[b]\n[a]\nx = 2", [["a", [["x", "2"], ["y", "1"]]], [
      "b",
      [],
    ]]],
    ["the later of two equal keys", "[a]\ns3 =\n  x = 1\ns3 = 2", [["a", [["s3", "2"]]]]],
    ["a bracket in a section's name", "[a]b]\n[ c ];d", [["a]b", []], ["c", []]]],
    [
      "a section with text after its last bracket, as botocore does",
      "[a] hunter2\nx = 1\n[b]c\n[d] e = 5 # f\n[g] h ] i",
      [["a", [["x", "1"]]], ["b", []], ["d", []], ["g] h", []]],
    ],
    [
      "names that objects have of their own",
      "[__proto__]\n__proto__ = 1\nconstructor =\n  __proto__ = 2\n[toString]",
      [["__proto__", [["__proto__", "1"], ["constructor", [["__proto__", "2"]]]]], ["toString", []]],
    ],
  ] as const
) {
  Deno.test(`parseIni() reads ${what}`, () => assertEquals(shown(source), expected as unknown));
}

Deno.test("parseIni() does not change the prototype of objects", () => {
  parseIni("[__proto__]\npolluted = 1\n__proto__ =\n  polluted = 1");
  assertEquals(({} as { polluted?: string }).polluted, undefined);
});

for (
  const [source, message] of [
    ["x = hunter2", "line 1 is before the first [section]"],
    ["[a]\n\nhunter2", "line 3 is neither a [section] nor key = value"],
    ["[a]\n= hunter2", "line 2 is neither a [section] nor key = value"],
    ["[a]\r\nx = 1\r\n[hunter2", "line 3 has a malformed [section]"],
    ["[]hunter2", "line 1 has a malformed [section]"],
    ["[]", "line 1 has a malformed [section]"],
    ["[ ] # c", "line 1 has a malformed [section]"],
    ["[a]\ns3 =\n  x = 1\n  hunter2", "line 4 is neither a [section] nor key = value"],
    ["[a]\ns3 =\n  = hunter2", "line 3 is neither a [section] nor key = value"],
  ] as const
) {
  Deno.test(`parseIni() refuses ${JSON.stringify(source)} by the number of the line alone`, () => {
    assertEquals(assertThrows(() => parseIni(source), SyntaxError).message, message);
  });
}

Deno.test("parseIni() returns sections or throws a SyntaxError without the text for 100,000 random texts", () => {
  const piece = fc.constantFrom(
    ..."[]=:#;'\"\\ \t",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\n  ",
    "\n[a]\n",
    "s3 =",
    "k = v",
    "__proto__",
    "é\u2028",
  );
  const source = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
    fc.array(piece, { maxLength: 40 }).map((pieces) => `[a]\n${pieces.join("")}`),
    fc.string({ unit: "binary", maxLength: 60 }),
  );
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(source, (text) => {
      try {
        for (const [name, section] of parseIni(text)) {
          assert(name !== "" && section instanceof Map, "a section has a name, and is a map");
        }
        read++;
      } catch (error) {
        assertInstanceOf(error, SyntaxError);
        assert(/^line \d+ (is before|is neither|has a) /.test(error.message), error.message);
        refused++;
      }
    }),
    { numRuns: 100_000, seed: 20240607 },
  );
  assertEquals(read + refused, 100_000);
  assert(read > 10_000 && refused > 10_000, `both kinds were there: ${read} read, ${refused} refused`);
});

Deno.test("parseIni() reads long lines and many lines in linear time", () => {
  const spaces = " ".repeat(200_000);
  assertThrows(() => parseIni(`[a]\nx${spaces}y`), SyntaxError);
  assertEquals(parseIni(`[a${"]".repeat(200_000)}x`).size, 1);
  assertThrows(() => parseIni(`[a${"[".repeat(200_000)}x`), SyntaxError);
  assertEquals(parseIni(`[a]\nx = ${"' \"".repeat(100_000)}`).get("a")!.size, 1);
  const nested = parseIni(`[a]\nx =${Array.from({ length: 100_000 }, (_, i) => `\n  k${i} = v`).join("")}`).get("a")!
    .get("x")!;
  assertEquals((nested as ReadonlyMap<string, string>).size, 100_000);
});
