import { assert, assertEquals } from "@std/assert";
import { filesIn, runDeno } from "./source_files.ts";

/** The examples to run; shared files are in folders. */
async function examples(): Promise<string[]> {
  return (await filesIn("examples")).filter((path) => /^examples\/[a-z0-9][^/]*\.ts$/.test(path));
}

Deno.test("each example runs to its end", async () => {
  const paths = await examples();
  assert(paths.length > 0, "examples were found");
  for (const path of paths) {
    const { code, stdout, stderr } = await runDeno(["run", "-A", path]);
    assertEquals([code, code === 0 ? "" : stdout + stderr], [0, ""], path);
    assert(stdout !== "", `${path} prints something`);
  }
});

Deno.test("an example has less than 60 lines, except the demo", async () => {
  const paths = (await filesIn("examples")).filter((path) => path.endsWith(".ts") && !/^examples\/demo\b/.test(path));
  assert(paths.length > 15, `only ${paths.length} examples were found`);
  for (const path of paths) {
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n").length;
    assert(lines < 60, `${path} has ${lines} lines`);
  }
});
