import { assert, assertEquals } from "@std/assert";
import { bytes, count, duration, fitToWidth, printable, width } from "../../../../src/cli/output/format.ts";
import { bar, Screen } from "../../../../src/cli/output/screen.ts";
import { recorded } from "../stage.ts";

Deno.test("bytes(), count() and duration() format for people", () => {
  const sizes = [0, 999, 1000, 9949, 9950, 999_499, 999_500, 12_345_678, 5e12, 2e18];
  assertEquals(sizes.map(bytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "9.9 kB",
    "10 kB",
    "999 kB",
    "1.0 MB",
    "12 MB",
    "5.0 TB",
    "2000 PB",
  ]);
  assertEquals([0, 1, 2000].map((number) => count(number, "file")), ["0 files", "1 file", "2,000 files"]);
  assertEquals(count(2, "copy", "copies"), "2 copies");
  assertEquals([4, 999.4, 1000, 59_949, 59_950, 65_000, 3_600_000].map(duration), [
    "4 ms",
    "999 ms",
    "1.0 s",
    "59.9 s",
    "1 min 0 s",
    "1 min 5 s",
    "60 min 0 s",
  ]);
});

Deno.test("fitToWidth() shortens a text in its middle to a number of terminal columns", () => {
  assertEquals([width("abc"), width("日本"), width("e\u0301"), width("😀")], [3, 4, 1, 2]);
  assertEquals(fitToWidth("abcdefghij", 10), "abcdefghij");
  assertEquals(fitToWidth("abcdefghij", 5), "ab…ij");
  for (let columns = 1; columns < 30; columns++) {
    assert(width(fitToWidth("日本語のファイル/name 😀😀.txt", columns)) <= columns, `${columns}`);
  }
  assertEquals(printable("a\x1b[2Jb\nc\u202ed"), "a\\u001b[2Jb\\u000ac\\u202ed");
});

Deno.test("bar() has the requested number of columns", () => {
  assertEquals([bar(0, 10, 4), bar(5, 10, 4), bar(1, 8, 4), bar(10, 10, 4), bar(0, 0, 4)], [
    "────",
    "━━──",
    "╸───",
    "━━━━",
    "━━━━",
  ]);
  for (let done = 0; done <= 20; done++) assertEquals(bar(done, 17, 13).length, 13);
});

Deno.test("colours and live lines are only written to terminals that support them", async () => {
  const draw = (): string => "working";
  const said = async (isTerminal: boolean, env: Record<string, string>): Promise<string> => {
    const { io, text } = recorded(isTerminal, () => 80);
    const screen = new Screen({ ...io, env });
    screen.show(draw);
    screen.warn("look");
    await screen.give(screen.paint("green", "✓", "stdout"));
    screen.end();
    return `${text.stderr}|${text.stdout}`;
  };
  assertEquals(await said(false, {}), "warning: look\n|✓\n");
  assertEquals(await said(true, { TERM: "dumb" }), "warning: look\n|✓\n");
  assertEquals(await said(true, { CI: "true", NO_COLOR: "1" }), "warning: look\n|✓\n");
  const erased = "\r\x1b[J";
  assertEquals(
    await said(true, { NO_COLOR: "1" }),
    `\x1b[?25lworking${erased}warning: look\nworking${erased}\x1b[?25h|✓\n`,
  );
  assertEquals((await said(true, {})).endsWith("|\x1b[32m✓\x1b[39m\n"), true);
});

Deno.test("the live line is erased from all its rows after the terminal has become narrower", () => {
  let columns = 100;
  const { io, text } = recorded(true, () => columns);
  const screen = new Screen({ ...io, env: { NO_COLOR: "1" } });
  screen.show((columns) => "x".repeat(columns + 50));
  assertEquals(text.stderr, `\x1b[?25l${"x".repeat(49)}…${"x".repeat(49)}`);
  columns = 40;
  text.stderr = "";
  screen.end();
  assertEquals(text.stderr, "\r\x1b[2A\x1b[J\x1b[?25h");
});

Deno.test("a quiet screen prints only warnings and errors", () => {
  const { io, text } = recorded(true, () => 80);
  const screen = new Screen({ ...io, env: { NO_COLOR: "1" } }, true);
  screen.show(() => "working");
  screen.note("by the way");
  screen.warn("look");
  screen.error("failed");
  screen.end();
  assertEquals(text.stderr, "warning: look\nerror: failed\n");
});
