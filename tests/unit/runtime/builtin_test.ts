import { assertEquals, assertExists } from "@std/assert";
import { builtin } from "../../../src/runtime/builtin.ts";

Deno.test("builtin() returns a module of Node, and undefined where there is none", () => {
  assertExists(builtin<{ createHash: unknown }>("node:crypto")?.createHash);
  assertEquals(builtin("node:no-such-module"), undefined);
  const before = Object.getOwnPropertyDescriptor(globalThis, "process")!;
  for (const value of [undefined, {}]) {
    Object.defineProperty(globalThis, "process", { value, configurable: true });
    try {
      assertEquals(builtin("node:crypto"), undefined);
    } finally {
      Object.defineProperty(globalThis, "process", before);
    }
  }
});
