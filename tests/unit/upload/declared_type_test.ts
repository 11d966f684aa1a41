import { assertEquals } from "@std/assert";
import { contradicts } from "../../../src/upload/declared_type.ts";
import { namedType } from "../../../src/upload/named_type.ts";
import { SENT } from "./declared_types.ts";

Deno.test("contradicts() is false for every type that clients are known to declare for an extension", () => {
  for (const [extension, declared] of Object.entries(SENT)) {
    const type = namedType(`a.${extension}`)!;
    for (const one of ["", "application/octet-stream", "nonsense", type, ...declared.split(" ")]) {
      for (const written of [one, one.toUpperCase(), ` ${one} ; charset=utf-8`]) {
        assertEquals(contradicts(written, type, true), false, `.${extension} declared as "${written}"`);
      }
    }
  }
});

Deno.test("contradicts() is true for a declared type of another kind", () => {
  for (
    const [type, ...declared] of [
      ["image/png", "text/html", "text/x-php", "application/pdf", "video/mp4", "application/xhtml+xml", "font/woff"],
      ["image/svg+xml", "video/mp4", "application/zip"],
      ["text/plain", "image/png", "application/pdf", "application/zip", "audio/mpeg"],
      ["application/pdf", "text/html", "image/png", "application/javascript", "application/x-msdownload"],
      ["video/mp4", "image/gif", "text/plain"],
      ["font/woff2", "text/css", "image/png"],
    ] as const
  ) {
    for (const one of declared) assertEquals(contradicts(one, type, true), true, `${type} declared as ${one}`);
  }
});

Deno.test("contradicts() is false for types that may be in a container without a name", () => {
  assertEquals(contradicts("image/openraster", "application/zip", false), false);
  assertEquals(contradicts("image/x-canon-cr3", "video/mp4", false), false);
  assertEquals(contradicts("text/html", "image/png", false), true);
});
