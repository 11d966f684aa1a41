import { assertEquals } from "@std/assert";
import { sendable } from "../../../src/serve/sendable.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

Deno.test("sendable() removes values that headers cannot contain, and keeps the rest", async () => {
  const storage = new MemoryStorage();
  await storage.save("a.txt", "x", { cacheControl: "no-store", contentLanguage: "en" });
  const stat = await storage.stat("a.txt");
  assertEquals(sendable(stat).cacheControl, "no-store");
  const { etag, cacheControl, contentLanguage, contentDisposition } = sendable({
    ...stat,
    etag: '"a\n"',
    cacheControl: "a\r\nset-cookie: b",
    contentDisposition: "\u20ac",
  });
  assertEquals([etag, cacheControl, contentDisposition, contentLanguage], ["", undefined, undefined, "en"]);
});
