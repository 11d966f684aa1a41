import { assertEquals } from "@std/assert";
import { dispositionOf } from "../../../src/serve/content_disposition.ts";

Deno.test("dispositionOf() names a download by downloadName, else by the last part of the file's name", () => {
  assertEquals(dispositionOf("docs/a.pdf", {}), undefined);
  assertEquals(dispositionOf("docs/a.pdf", { disposition: "inline" }), 'inline; filename="a.pdf"');
  assertEquals(dispositionOf("docs/a.pdf", { downloadName: "Bill.pdf" }), 'attachment; filename="Bill.pdf"');
  assertEquals(
    dispositionOf("docs/a.pdf", { disposition: "inline", downloadName: "Bill.pdf" }),
    'inline; filename="Bill.pdf"',
  );
});
