import { assertEquals } from "@std/assert";
import { filesIn, readConfig, readSource } from "./source_files.ts";

/** The `@std` specifiers that a file imports, also in `import()`, types and examples. */
function stdSpecifiers(text: string): string[] {
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(@std\/[a-z/-]+)"/g)].map(([, specifier]) => specifier!);
}

/** The files whose imports count as use; the tests of the stand-ins do not. */
function counts(path: string): boolean {
  return /\.(?:ts|md)$/.test(path) && !path.startsWith("tests/offline/") && !path.startsWith("tests/house/");
}

async function readMap(): Promise<Record<string, string>> {
  return (JSON.parse(await readSource("tests/offline/import_map.json")) as { imports: Record<string, string> }).imports;
}

Deno.test("the offline map has exactly the @std modules that are imported", async () => {
  const used = new Set<string>();
  for (const path of (await filesIn("")).filter(counts)) {
    for (const specifier of stdSpecifiers(await readSource(path))) used.add(specifier);
  }
  const mapped = Object.keys(await readMap()).filter((name) => name.startsWith("@std/"));
  assertEquals(mapped.sort(), [...used].sort());
});

Deno.test("the offline map maps other packages as deno.json does", async () => {
  const rest = (imports: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(imports).filter(([name]) => !name.startsWith("@std/")));
  assertEquals(rest(await readMap()), rest((await readConfig()).imports));
});

Deno.test("every file of the offline map exists", async () => {
  for (const target of Object.values(await readMap())) {
    if (target.startsWith("./")) await readSource(`tests/offline/${target.slice(2)}`);
  }
});

Deno.test("imports of @std are found in code and in examples", () => {
  const source = `import { a } from "@std/path/posix";
const b = await import("@std/crypto");
/** * import type { C } from "@std/streams/to-text"; */ const text = "@std/json";`;
  assertEquals(stdSpecifiers(source), ["@std/path/posix", "@std/crypto", "@std/streams/to-text"]);
});
