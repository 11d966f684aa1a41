import { assertEquals } from "@std/assert";
import { ROOT } from "../offline/import_map.ts";
import { touchedByImport } from "./import_probe.ts";
import { readConfig, writeScratch } from "./source_files.ts";

Deno.test("importing an entry has no side effects: no permission, request, timer or access to the environment", async () => {
  for (const path of Object.values((await readConfig()).exports)) {
    assertEquals(await touchedByImport(new URL(path, ROOT).href), [], path);
  }
});

Deno.test("the import probe reports side effects", async () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    "export const a = 1;": [],
    'try { Deno.env.get("HOME"); } catch { /* kept quiet */ }': ["Deno.env.get"],
    'fetch("http://localhost/");': ["fetch"],
    "setTimeout(() => {}, 1); setInterval(() => {}, 1);": ["setTimeout", "setInterval"],
    'try { Deno.readTextFileSync("deno.json"); } catch { /* kept quiet */ }': ["Deno.readTextFileSync"],
    "void globalThis.process.env.HOME;": ["process.env"],
    'console.log("hello");': ["printed: hello"],
  };
  for (const [source, touched] of Object.entries(cases)) {
    assertEquals(await touchedByImport(await writeScratch("import_fixture.js", source)), touched, source);
  }
});
