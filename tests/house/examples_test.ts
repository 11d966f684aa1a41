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
