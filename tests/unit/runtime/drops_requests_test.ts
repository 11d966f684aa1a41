import { assertEquals } from "@std/assert";
import { dropsRequests } from "../../../src/runtime/drops_requests.ts";
import { withGlobal } from "./with_global.ts";

Deno.test("dropsRequests() is true on edge runtimes, and not in browsers", () => {
  assertEquals(dropsRequests(), false);
  assertEquals(withGlobal("process", undefined, dropsRequests), true);
  assertEquals(withGlobal("navigator", { userAgent: "Cloudflare-Workers" }, dropsRequests), true);
  const inBrowser = (): boolean => withGlobal("navigator", { userAgent: "Mozilla/5.0 (X11)" }, dropsRequests);
  assertEquals(withGlobal("process", undefined, inBrowser), false);
});
