import { assert, assertEquals } from "@std/assert";
import { filesIn, runDeno } from "./source_files.ts";

/** The examples to run; shared files begin with an underscore or are in a folder. */
async function examples(): Promise<string[]> {
  return (await filesIn("examples")).filter((path) => /^examples\/[a-z0-9][^/]*\.ts$/.test(path));
}

Deno.test("every example runs to its end", async () => {
  const paths = await examples();
  assert(paths.length > 0, "filesIn() found the examples");
  for (const path of paths) {
    const { code, stdout, stderr } = await runDeno(["run", "-A", path]);
    assertEquals([code, code === 0 ? "" : stdout + stderr], [0, ""], path);
    assert(stdout !== "", `${path} printed nothing`);
  }
});

Deno.test("every example except the demo has fewer than 60 lines", async () => {
  const paths = (await filesIn("examples")).filter((path) => path.endsWith(".ts") && !/^examples\/demo\b/.test(path));
  assert(paths.length > 15, `${paths.length} examples were looked at`);
  for (const path of paths) {
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n").length;
    assert(lines < 60, `${path} has ${lines} lines`);
  }
});
