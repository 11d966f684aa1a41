import { assertEquals } from "@std/assert";
import { IGNORED, ignoreFilter } from "../../../../src/static/source/ignore.ts";

Deno.test("ignoreFilter() matches as Python's fnmatchcase: names of files, of folders, and whole paths", () => {
  const cases: [pattern: string, name: string, ignored: boolean][] = [
    ["*.ts", "a/b.ts", true],
    ["*.ts", "a/b.tsx", false],
    ["*.ts", "a.ts/b", true],
    ["doc/*.md", "doc/a/b.md", true],
    ["doc/*.md", "x/doc/b.md", false],
    ["?.css", "a.css", true],
    ["?.css", "ab.css", false],
    ["[ab].css", "b.css", true],
    ["[!ab].css", "b.css", false],
    ["[!ab].css", "c.css", true],
    ["[]].css", "].css", true],
    ["[a-c].css", "b.css", true],
    ["[.css", "[.css", true],
    ["[z-a].css", "b.css", false], // an empty range, as in Python
    ["[!z-a].css", "b.css", true],
    ["a.b+(c)|{d}^$\\", "a.b+(c)|{d}^$\\", true],
    ["a.css", "axcss", false],
    ["A.css", "a.css", false],
    ["*", "a\nb", true],
    ["", "a", false],
  ];
  for (const [pattern, name, ignored] of cases) {
    assertEquals(ignoreFilter([pattern])(name), ignored, `${pattern} ${name}`);
  }
  assertEquals(ignoreFilter([])("a"), false);
  assertEquals(["a", ".a", "a~", "x/CVS/y", "x/.y/z"].map(ignoreFilter(IGNORED)), [false, true, true, true, true]);
});
