import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  bunApi,
  denoApi,
  hasHttpCache,
  isBun,
  isCloudflare,
  isDeno,
  isEdge,
  isWindows,
} from "../../../src/runtime/detect.ts";
import { withGlobal } from "./with_global.ts";

Deno.test("isEdge() is true without Node's modules, and on Cloudflare's runtime in any case", () => {
  assertEquals(isEdge(), false);
  assertEquals(withGlobal("process", undefined, isEdge), true);
  assertEquals(withGlobal("process", { env: {} }, isEdge), true);
  assertEquals(withGlobal("navigator", undefined, isEdge), false);
  assertEquals(withGlobal("navigator", { userAgent: "Cloudflare-Workers" }, isEdge), true);
});

Deno.test("isDeno(), isBun() and isCloudflare() identify the runtime when they are called", () => {
  assertEquals([isDeno(), isBun(), isCloudflare()], [true, false, false]);
  assertEquals(withGlobal("navigator", { userAgent: "Cloudflare-Workers" }, isCloudflare), true);
  assertEquals(withGlobal("navigator", undefined, isCloudflare), false);
  Object.assign(globalThis, { Bun: { version: "1" } });
  try {
    assertEquals([isBun(), bunApi<{ version: string }>()?.version], [true, "1"]);
  } finally {
    Reflect.deleteProperty(globalThis, "Bun");
  }
});

Deno.test("hasHttpCache() is true in browsers only", () => {
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  assertEquals(withGlobal("navigator", { userAgent: firefox }, hasHttpCache), true);
  for (const userAgent of [undefined, "Deno/2.9.6", "Bun/1.4.5", "Node.js/22", "Cloudflare-Workers"]) {
    assertEquals(withGlobal("navigator", { userAgent }, hasHttpCache), false, userAgent);
  }
  assertEquals(withGlobal("navigator", undefined, hasHttpCache), false);
});

Deno.test("denoApi() and bunApi() return the API of the runtime only", () => {
  assertStrictEquals(denoApi<typeof Deno>(), Deno);
  assertEquals(bunApi(), undefined);
});

Deno.test("isWindows() follows process.platform", () => {
  for (const [platform, expected] of [["win32", true], ["linux", false], ["darwin", false]] as const) {
    assertEquals(withGlobal("process", { platform }, isWindows), expected);
  }
  assertEquals(withGlobal("process", undefined, isWindows), false);
});
