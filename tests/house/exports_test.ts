import { assertEquals } from "@std/assert";
import { filesIn, readConfig, readSource } from "./source_files.ts";

/**
 * Entries that stand inside another room, because they build on it, and are imported by a shorter name: their users think
 * of the ORM or of the migration first.
 */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  "field/drizzle": "drizzle",
  "field/kysely": "kysely",
  "settings/migration": "migration",
};

/** The exports that the folders of src ask for: one for each that has a mod.ts. */
function exportsFor(sources: readonly string[]): Record<string, string> {
  const entries = sources.flatMap((path) => {
    const folder = /^src\/(.+)\/mod\.ts$/.exec(path)?.[1];
    return folder === undefined ? [] : [[`./${SHORT_NAMES[folder] ?? folder}`, `./${path}`] as const];
  });
  return Object.fromEntries([[".", "./mod.ts"], ...entries]);
}

Deno.test("every folder with a mod.ts is an export, and nothing else is", async () => {
  assertEquals((await readConfig()).exports, exportsFor(await filesIn("src")));
});

Deno.test("every entry says what it is about", async () => {
  for (const path of Object.values((await readConfig()).exports)) {
    const [comment = ""] = /^\/\*\*[^]*?\*\//.exec(await readSource(path)) ?? [];
    assertEquals(comment.includes("@module"), true, `${path} begins with an @module comment`);
  }
});

Deno.test("exports follow from folders", () => {
  assertEquals(exportsFor(["src/static/mod.ts", "src/kit/xml.ts", "src/a/b/mod.ts", "src/field/drizzle/mod.ts"]), {
    ".": "./mod.ts",
    "./static": "./src/static/mod.ts",
    "./a/b": "./src/a/b/mod.ts",
    "./drizzle": "./src/field/drizzle/mod.ts",
  });
});
