import { assertEquals } from "@std/assert";
import { isEdge } from "../../../src/runtime/detect.ts";

/** Runs with another value of a global. */
function withGlobal<T>(name: "process" | "navigator", value: unknown, run: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)!;
  Object.defineProperty(globalThis, name, { value, configurable: true });
  try {
    return run();
  } finally {
    Object.defineProperty(globalThis, name, before);
  }
}

Deno.test("isEdge() is true without Node's modules, and on Cloudflare's runtime in any case", () => {
  assertEquals(isEdge(), false);
  assertEquals(withGlobal("process", undefined, isEdge), true);
  assertEquals(withGlobal("process", { env: {} }, isEdge), true);
  assertEquals(withGlobal("navigator", undefined, isEdge), false);
  assertEquals(withGlobal("navigator", { userAgent: "Cloudflare-Workers" }, isEdge), true);
});
