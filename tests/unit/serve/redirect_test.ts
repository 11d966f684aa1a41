import { assertEquals, assertRejects } from "@std/assert";
import { redirect } from "../../../src/serve/redirect.ts";
import type { ServeOptions } from "../../../src/serve/serve_options.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

const request = new Request("https://example.com/a.txt");
const storage = new MemoryStorage({ baseUrl: "https://cdn.example.com/" });

Deno.test("redirect() is 302 or 307, and not cached", async () => {
  for (const [option, status] of [[true, 302], [302, 302], [307, 307]] as const) {
    const response = await redirect(request, storage, "a.txt", { redirect: option });
    assertEquals([response.status, response.headers.get("location")], [status, "https://cdn.example.com/a.txt"]);
    assertEquals(response.headers.get("cache-control"), "no-store");
  }
  const other = { redirect: 301 } as unknown as ServeOptions;
  await assertRejects(() => redirect(request, storage, "a.txt", other), RangeError, "301");
});
