import { assertEquals, assertExists } from "@std/assert";
import { findFs, findFsPromises } from "../../../../src/runtime/files/node_fs.ts";

Deno.test("findFs() and findFsPromises() return undefined on Cloudflare's runtime only", () => {
  assertExists(findFs()?.statSync);
  assertExists(findFsPromises()?.rename);
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator")!;
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true });
  try {
    assertEquals([findFs(), findFsPromises()], [undefined, undefined]);
  } finally {
    Object.defineProperty(globalThis, "navigator", before);
  }
});
