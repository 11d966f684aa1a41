import { assertEquals, assertThrows } from "@std/assert";
import { splitShellWords } from "../../../../src/credentials/profile/shell_words.ts";

for (
  const [line, words] of [
    ["", []],
    ["  a  b\tc\nd ", ["a", "b", "c", "d"]],
    [`a "b c" 'd e'`, ["a", "b c", "d e"]],
    [`a"b c"'d'e`, ["ab cde"]],
    [`'' ""`, ["", ""]],
    [String.raw`a\ b \" \' \\`, ["a b", '"', "'", "\\"]],
    [String.raw`"a\"b\\c\d\$"`, [String.raw`a"b\c\d\$`]],
    [String.raw`'a\"b'`, [String.raw`a\"b`]],
    ["$HOME ~ *.txt `id` $(id) a;b a|b # c", ["$HOME", "~", "*.txt", "`id`", "$(id)", "a;b", "a|b", "#", "c"]],
  ] as const
) {
  Deno.test(`splitShellWords() splits ${JSON.stringify(line)} as a POSIX shell, without expansion`, () => {
    assertEquals(splitShellWords(line), [...words]);
  });
}

for (
  const [line, words] of [
    [String.raw`"C:\Program Files\x.exe" C:\a\b`, [String.raw`C:\Program Files\x.exe`, String.raw`C:\a\b`]],
    [String.raw`a\"b "c\"d e"`, ['a"b', 'c"d e']],
    [String.raw`"a b\\" c\\"d e"`, ["a b\\", "c\\d e"]],
    [String.raw`a\\\"b 'c d' "" \\h\s`, [String.raw`a\"b`, "'c", "d'", "", String.raw`\\h\s`]],
  ] as const
) {
  Deno.test(`splitShellWords() splits ${JSON.stringify(line)} as Windows does`, () => {
    assertEquals(splitShellWords(line, true), [...words]);
  });
}

Deno.test("splitShellWords() refuses an open quote without showing the line", () => {
  for (const line of [`a "hunter2`, "a 'hunter2", "hunter2\\", `"hunter2\\"`]) {
    assertEquals(assertThrows(() => splitShellWords(line), SyntaxError).message, "a quote or an escape is not closed");
  }
  assertThrows(() => splitShellWords('"a', true), SyntaxError);
});
