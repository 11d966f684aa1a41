import { assertEquals } from "@std/assert";
import { isSiblingName, withoutSiblingSuffix } from "../../../../src/static/source/siblings.ts";

Deno.test("isSiblingName() and withoutSiblingSuffix() know .gz and .br at the end of a name", () => {
  const names = {
    "a.css.gz": "a.css",
    "a.css.br": "a.css",
    "a.gz.css": "a.gz.css",
    "agz": "agz",
    "a.css.GZ": "a.css.GZ",
  };
  for (const [name, file] of Object.entries(names)) {
    assertEquals([withoutSiblingSuffix(name), isSiblingName(name)], [file, name !== file]);
  }
});
