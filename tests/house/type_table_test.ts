import { assertEquals } from "@std/assert";
import { readSource } from "./source_files.ts";
import { TYPE_TABLE, typesByExtension, typeTable } from "./type_table.ts";

Deno.test("the table of media types matches its sources (deno task table:types writes it)", async () => {
  assertEquals(await readSource(TYPE_TABLE), await typeTable());
});

Deno.test("every media type is one type and one subtype, and every extension is in lower case", async () => {
  const wrong = [...await typesByExtension()]
    .filter(([extension, type]) => !/^[a-z0-9]+$/.test(extension) || !/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/.test(type));
  assertEquals(wrong, []);
});
