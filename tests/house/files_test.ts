import { assert, assertEquals } from "@std/assert";
import { fileViolations, folderViolations, machinePathViolations } from "./files.ts";
import { filesIn, readSource } from "./source_files.ts";

Deno.test("every TypeScript file has a descriptive snake_case name and at most 350 lines of code", async () => {
  const paths = (await filesIn("")).filter((path) => path.endsWith(".ts"));
  assert(paths.length > 50, "filesIn() found the repository");
  const violations: string[] = [];
  for (const path of paths) violations.push(...fileViolations(path, await readSource(path)));
  assertEquals(violations, []);
});

Deno.test("no folder of src has more than 15 TypeScript files", async () => {
  assertEquals(folderViolations(await filesIn("src")), []);
});

Deno.test("no file contains an absolute path of one machine", async () => {
  const violations: string[] = [];
  for (const path of await filesIn("")) {
    if (!/\.(?:ts|md|json|yml|sh)$|^\.ci\//.test(path)) continue;
    if (path.startsWith("tests/vectors/")) continue;
    violations.push(...machinePathViolations(path, await readSource(path)));
  }
  assertEquals(violations, []);
});

Deno.test("the checks of files report names, lengths, full folders and machine paths", () => {
  for (const name of ["utils.ts", "helpers.ts", "common.ts", "types.ts", "camelCase.ts", "kebab-case.ts"]) {
    assertEquals(fileViolations(`src/kit/${name}`, "").length, 1, name);
  }
  assertEquals(fileViolations("src/kit/a.ts", "f();\n".repeat(351)).length, 1);
  assertEquals(fileViolations("src/kit/snake_case.ts", "f();\n// why\n".repeat(350)), []);
  const files = Array.from({ length: 16 }, (_, index) => `src/kit/${index}.ts`);
  assertEquals(folderViolations(files), ["src/kit: 16 TypeScript files; 15 at most"]);
  assertEquals(folderViolations([...files.slice(1), "src/kit/a.md", "src/kit/text/a.ts", "tests/a.ts"]), []);
  const path = ["", "work", "main", "src"].join("/");
  assertEquals(machinePathViolations("README.md", `ok\nsee ${path}`).length, 1);
  assertEquals(machinePathViolations("README.md", `see https://example.com${path} and ./a${path}`), []);
});
