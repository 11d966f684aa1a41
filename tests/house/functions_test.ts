import { assertEquals } from "@std/assert";
import { findFunctions, functionViolations } from "./functions.ts";
import { filesIn, readSource } from "./source_files.ts";

/** The rooms where work that waits, fails and is cancelled is easily written as one long closure. */
const ROOMS = ["src/client", "src/transfer", "src/storage"];

Deno.test("no function in src/client, src/transfer and src/storage has more than 60 lines of code", async () => {
  const violations: string[] = [];
  for (const room of ROOMS) {
    for (const path of await filesIn(room)) violations.push(...functionViolations(path, await readSource(path)));
  }
  assertEquals(violations, []);
});

Deno.test("functionViolations() reports functions, arrow functions and methods of more than 60 lines of code", () => {
  const statements = "  a();\n  // a comment\n\n".repeat(59);
  const sources = [
    ["function b(): void {\n", "}"],
    ["const b = () => {\n", "};"],
    ["const b = { async c() {\n", "} };"],
    ["class B { get c() {\n", "} }"],
    ["class B { static #c = function* () {\n", "}; }"],
  ] as const;
  for (const [start, end] of sources) {
    assertEquals(functionViolations("a.ts", `\n${start}  a();\n${statements}${end}`), [
      "a.ts:2: a function of 62 lines of code; 60 at most",
    ]);
    assertEquals(functionViolations("a.ts", start + statements.slice(7) + end), []);
  }
});

Deno.test("findFunctions() counts the lines of nested functions for both", () => {
  const source = "class A {\n  b() {\n    return () => {\n      c();\n    };\n  }\n}";
  assertEquals(findFunctions("a.ts", source), [{ line: 2, lines: 5 }, { line: 3, lines: 3 }]);
});
