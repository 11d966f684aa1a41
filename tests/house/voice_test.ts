import { assertEquals } from "@std/assert";
import { filesIn, readSource } from "./source_files.ts";
import { hasVoice, voiceViolations } from "./voice.ts";

Deno.test("no text of the project uses a banned idiom", async () => {
  const violations: string[] = [];
  for (const path of await filesIn("")) {
    if (hasVoice(path)) violations.push(...voiceViolations(path, await readSource(path)));
  }
  assertEquals(violations, []);
});

Deno.test("voiceViolations() reports idioms with line and advice, also across line breaks", () => {
  const source = [
    "/**",
    " * The signer takes its",
    " * time. Look at the README; the options are given there.",
    " */",
    "export function lacking(): string {",
    '  return "There is no " +',
    '    "such file, and nobody " + "is there";',
    "}",
  ].join("\n");
  assertEquals(voiceViolations("src/a.ts", source), [
    "src/a.ts:2: takes its time → is asynchronous, is slow",
    "src/a.ts:5: lacking( → invalidResponse()",
    "src/a.ts:6: is no such → does not exist, is not a",
    "src/a.ts:7: nobody is → name what is missing, or use the passive",
  ]);
  assertEquals(voiceViolations("docs/a.md", "He lets go.\nWhoever waits goes on.").length, 3);
});

Deno.test("voiceViolations() accepts plain technical English", () => {
  const text = "Given a stream, look at this: there are none left. It gives each part a number before giving up. " +
    "Modules are loaded on demand. This history is on disk.";
  assertEquals(voiceViolations("docs/a.md", text), []);
});

Deno.test("hasVoice() accepts sources, tests and pages, and no vectors", () => {
  const paths = ["src/a.ts", "README.md", "docs/cli.md", "examples/a/page.html", "tests/run/test_group.ts"];
  assertEquals(paths.filter(hasVoice), paths);
  const others = ["tests/vectors/a.ts", "tests/house/voice.ts", "deno.json", "LICENSE", ".github/a.yml"];
  assertEquals(others.filter(hasVoice), []);
});
