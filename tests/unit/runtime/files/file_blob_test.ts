import { assertEquals } from "@std/assert";
import { isFileReference } from "../../../../src/runtime/files/file_blob.ts";

Deno.test("isFileReference() recognizes references by their name in Bun.inspect", () => {
  const blob = new Blob(["a"]);
  assertEquals(isFileReference(blob), false);
  for (const [text, expected] of [['FileRef ("a") {}', true], ["S3Ref {}", true], ["Blob (1 bytes)", false]] as const) {
    Object.assign(globalThis, { Bun: { inspect: () => text } });
    try {
      assertEquals(isFileReference(blob), expected, text);
    } finally {
      Reflect.deleteProperty(globalThis, "Bun");
    }
  }
});
