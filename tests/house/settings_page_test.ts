import { assertEquals, assertThrows } from "@std/assert";
import { OPTIONS, type S3StorageOptions } from "../../src/settings/options.ts";
import { docsOf, SETTINGS_PAGE, settingsPage } from "./settings_page.ts";
import { readSource } from "./source_files.ts";

Deno.test("docs/settings.md matches the option table (deno task docs:settings writes it)", async () => {
  assertEquals(await readSource(SETTINGS_PAGE), await settingsPage());
});

Deno.test("the documentation of every option has the names and the default of the table", async () => {
  const source = await readSource("src/settings/options.ts");
  for (const [name, row] of Object.entries(OPTIONS)) {
    const docs = docsOf(source, "S3StorageOptions", name as keyof S3StorageOptions);
    assertEquals(docs.names, [...row.names], name);
    const isPlain = /^(string|number|boolean)$/.test(typeof row.default) && name !== "addressingStyle";
    if (isPlain) assertEquals(docs.default, JSON.stringify(row.default), name);
  }
});

Deno.test("an option without documentation is reported", () => {
  assertThrows(() =>
    docsOf("export interface S3StorageOptions {\n  readonly bare?: string;\n}\n", "S3StorageOptions", "bare")
  );
});
