import { assert, assertEquals } from "@std/assert";
import { filesIn, runDeno } from "./source_files.ts";

/** The examples that a person starts; what they share begins with an underscore or lies in a folder of its own. */
async function examples(): Promise<string[]> {
  return (await filesIn("examples")).filter((path) => /^examples\/[a-z0-9][^/]*\.ts$/.test(path));
}

Deno.test("there are examples, and each runs to its end", async () => {
  const paths = await examples();
  assert(paths.length > 0, "there are examples");
  for (const path of paths) {
    const { code, stdout, stderr } = await runDeno(["run", "-A", path]);
    assertEquals([code, code === 0 ? "" : stdout + stderr], [0, ""], path);
    assert(stdout !== "", `${path} says what it did`);
  }
});

Deno.test("an example is under 60 lines, but for the demo, which is many of them", async () => {
  const paths = (await filesIn("examples")).filter((path) => path.endsWith(".ts") && !/^examples\/demo\b/.test(path));
  assert(paths.length > 15, `${paths.length} examples were looked at`);
  for (const path of paths) {
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n").length;
    assert(lines < 60, `${path} has ${lines} lines`);
  }
});
