import { assertEquals } from "@std/assert";
import { filesIn, readConfig, readSource } from "./source_files.ts";

/**
 * Entries in the folder of another entry that they build on, with a shorter import name: users look for the ORM or for the
 * migration.
 */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  "field/drizzle": "drizzle",
  "field/kysely": "kysely",
  "s3/edge": "edge",
  "settings/migration": "migration",
  "settings/presets": "presets",
};

/** Entries that are a file, without a folder. */
const FILES: Readonly<Record<string, string>> = { "./errors": "./src/errors.ts" };

/** The expected exports of folders: one for each folder of src with a mod.ts. */
function exportsFor(sources: readonly string[]): Record<string, string> {
  const entries = sources.flatMap((path) => {
    const folder = /^src\/(.+)\/mod\.ts$/.exec(path)?.[1];
    return folder === undefined ? [] : [[`./${SHORT_NAMES[folder] ?? folder}`, `./${path}`] as const];
  });
  return Object.fromEntries([[".", "./mod.ts"], ...entries]);
}

Deno.test("exactly the folders with a mod.ts and the module of errors are exports", async () => {
  assertEquals((await readConfig()).exports, { ...exportsFor(await filesIn("src")), ...FILES });
});

Deno.test("every entry has module documentation", async () => {
  for (const path of Object.values((await readConfig()).exports)) {
    const [comment = ""] = /^\/\*\*[^]*?\*\//.exec(await readSource(path)) ?? [];
    assertEquals(comment.includes("@module"), true, `${path} begins with an @module comment`);
  }
});

Deno.test("the expected exports are derived from folders", () => {
  assertEquals(exportsFor(["src/static/mod.ts", "src/kit/xml.ts", "src/a/b/mod.ts", "src/field/drizzle/mod.ts"]), {
    ".": "./mod.ts",
    "./static": "./src/static/mod.ts",
    "./a/b": "./src/a/b/mod.ts",
    "./drizzle": "./src/field/drizzle/mod.ts",
  });
});
