import { assertEquals, assertThrows } from "@std/assert";
import { OPTIONS, type S3StorageOptions } from "../../src/settings/options.ts";
import { docsOf, SETTINGS_PAGE, settingsPage } from "./settings_page.ts";
import { readSource } from "./source_files.ts";

Deno.test("the settings page is what the option table says: deno task docs:settings", async () => {
  assertEquals(await readSource(SETTINGS_PAGE), await settingsPage());
});

Deno.test("the docs of every option tell its names and its default as the table does", async () => {
  const source = await readSource("src/settings/options.ts");
  for (const [name, row] of Object.entries(OPTIONS)) {
    const docs = docsOf(source, "S3StorageOptions", name as keyof S3StorageOptions);
    assertEquals(docs.names, [...row.names], name);
    const isPlain = /^(string|number|boolean)$/.test(typeof row.default) && name !== "addressingStyle";
    if (isPlain) assertEquals(docs.default, JSON.stringify(row.default), name);
  }
});

Deno.test("an option without docs is noticed", () => {
  assertThrows(() =>
    docsOf("export interface S3StorageOptions {\n  readonly bare?: string;\n}\n", "S3StorageOptions", "bare")
  );
});
