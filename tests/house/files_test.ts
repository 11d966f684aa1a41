import { assert, assertEquals } from "@std/assert";
import { fileViolations, machinePathViolations } from "./files.ts";
import { filesIn, readSource } from "./source_files.ts";

Deno.test("files are named for what they hold and stay readable in one sitting", async () => {
  const paths = (await filesIn("")).filter((path) => path.endsWith(".ts"));
  assert(paths.length > 50, "the repository has been read");
  const violations: string[] = [];
  for (const path of paths) violations.push(...fileViolations(path, await readSource(path)));
  assertEquals(violations, []);
});

Deno.test("no file names a path of the machine it was written on", async () => {
  const violations: string[] = [];
  for (const path of await filesIn("")) {
    if (!/\.(?:ts|md|json|yml|sh)$|^\.ci\//.test(path)) continue;
    if (path.startsWith("tests/vectors/")) continue;
    violations.push(...machinePathViolations(path, await readSource(path)));
  }
  assertEquals(violations, []);
});

Deno.test("the checks of files notice what they are there for", () => {
  for (const name of ["utils.ts", "helpers.ts", "common.ts", "types.ts", "camelCase.ts", "kebab-case.ts"]) {
    assertEquals(fileViolations(`src/kit/${name}`, "").length, 1, name);
  }
  assertEquals(fileViolations("src/kit/a.ts", "f();\n".repeat(351)).length, 1);
  assertEquals(fileViolations("src/kit/snake_case.ts", "f();\n// why\n".repeat(350)), []);
  const path = ["", "work", "main", "src"].join("/");
  assertEquals(machinePathViolations("README.md", `ok\nsee ${path}`).length, 1);
  assertEquals(machinePathViolations("README.md", `see https://example.com${path} and ./a${path}`), []);
});
