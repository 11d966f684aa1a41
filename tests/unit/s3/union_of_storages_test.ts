import { assertEquals } from "@std/assert";
import { LocalStorage, MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";

/** Programs choose a storage by their environment: its type is then a union, whose calls must compile. */
Deno.test("a union of storages has the calls that all of them have", async () => {
  const folder = await Deno.makeTempDir();
  for (const storage of [s3On(createS3Server({ buckets: ["media"] })), new MemoryStorage(), new LocalStorage(folder)]) {
    const name = await storage.save("a.txt", "hello", { contentType: "text/plain" });
    const { etag } = await storage.save("a.txt", "hello", { details: true });
    const file = await storage.open(name, "rb", { start: 1 });
    assertEquals(await file.read(2), new TextEncoder().encode("el"));
    await file.close();
    assertEquals(await (await storage.open(name)).text(), "hello");
    const written = await storage.open("b.txt", "w", { onExisting: "refuse" });
    await written.write("b");
    await written.close();
    assertEquals([await storage.readText("b.txt"), (await storage.stat(name)).etag], ["b", etag]);
    assertEquals(await storage.copy(name, "c.txt", { cacheControl: "no-cache" }), "c.txt");
    assertEquals(await storage.downloadTo("c.txt", new Uint8Array(5)), 5);
    for await (const { name } of storage.list("", { recursive: true })) await storage.delete(name);
  }
  await Deno.remove(folder, { recursive: true });
});
