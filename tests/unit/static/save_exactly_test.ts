import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError, MemoryStorage } from "../../../src/storage/mod.ts";
import { collect, ManifestStaticStorage } from "../../../src/static/mod.ts";

Deno.test("collect() fails if an overridden getAvailableName() stores static files under other names", async () => {
  class Dated extends MemoryStorage {
    override getAvailableName(name: string): Promise<string> {
      return Promise.resolve(name === "staticfiles.json" || this.all ? `2026/${name}` : name);
    }
    all = true;
  }
  const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
  try {
    await Deno.writeTextFile(`${folder}/a.css`, "a {}");
    for (const all of [true, false]) {
      const storage = new Dated();
      storage.all = all;
      const name = all ? "a.css" : "staticfiles.json";
      const message = `Cannot store '${name}': the name must stay, got '2026/${name}'`;
      const collecting = collect(new ManifestStaticStorage(storage), { from: folder });
      await assertRejects(() => collecting, ConfigurationError, message);
    }
    const storage = new MemoryStorage({ fileOverwrite: false });
    for (let run = 0; run < 2; run++) await collect(new ManifestStaticStorage(storage), { from: folder });
    const options = { manifestName: "x//manifest.json" }; // a name in another spelling is the same
    await collect(new ManifestStaticStorage(storage, options), { from: folder });
    assertEquals(await storage.exists("x/manifest.json"), true);
    assertEquals((await storage.listdir())[1].length, 3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
