import { assertEquals } from "@std/assert";
import { manifestsBeside, namesOf } from "../../../../src/static/publish/manifests_beside.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";

Deno.test("manifestsBeside() reads the manifests in the same folder with the same extension", async () => {
  const storage = new MemoryStorage();
  const manifest = (name: string): string => `{"version": "1.1", "paths": {"${name}": "${name}.0123456789ab"}}`;
  await storage.save("site/staticfiles.json", manifest("own"));
  await storage.save("site/other.json", manifest("other"));
  await storage.save("site/data.json", '{"type": "FeatureCollection"}');
  await storage.save("site/broken.json", '{"paths": ');
  await storage.save("site/other.txt", manifest("text"));
  await storage.save("site/deep/deep.json", manifest("deep"));
  await storage.save("top.json", manifest("top"));
  const { signal } = new AbortController();
  const isOther = (name: string): boolean => name !== "site/staticfiles.json";
  const own = "site/staticfiles.json";
  for (const listed of [undefined, await Array.fromAsync(storage.list("", { recursive: true }))]) {
    const found = await Array.fromAsync(manifestsBeside(storage, own, listed, isOther, signal));
    assertEquals(found.map((manifest) => [manifest.name, [...namesOf(manifest)]]), [
      ["site/other.json", ["other", "other.0123456789ab"]],
    ]);
  }
});
