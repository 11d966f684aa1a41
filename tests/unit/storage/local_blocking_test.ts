import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, SuspiciousNameError } from "../../../src/errors.ts";
import { withStorage } from "./local_stage.ts";

Deno.test("LocalStorage with blocking stores, reads, lists and deletes files", async () => {
  await withStorage(async (storage) => {
    const large = new Uint8Array(300_000).fill(7); // larger than one piece that is read or written
    await storage.save("docs/a.bin", new Uint8Array([1, 2, 3]));
    await storage.save("docs/a.bin", new Uint8Array([4, 5]));
    await storage.save("large.bin", large);
    await storage.save("b.txt", "text", { cacheControl: "no-store" });
    assertEquals(await storage.readBytes("docs/a.bin"), new Uint8Array([4, 5]));
    assertEquals(await storage.readBytes("large.bin"), large);
    assertEquals((await storage.stat("b.txt")).cacheControl, "no-store");
    const listed = await Array.fromAsync(storage.list("", { recursive: true }));
    assertEquals(listed.map(({ name, size }) => [name, size]), [["b.txt", 4], ["docs/a.bin", 2], [
      "large.bin",
      300_000,
    ]]);
    await storage.delete("docs/a.bin");
    assertEquals(await storage.listdir(""), [[], ["b.txt", "large.bin"]]);
    await assertRejects(() => storage.open("docs/a.bin"), NotFoundError, "docs/a.bin");
  }, { blocking: true });
});

Deno.test("LocalStorage with blocking neither reads nor writes through a link", async () => {
  await withStorage(async (storage, folder) => {
    const outside = `${folder}-outside`;
    await Deno.mkdir(outside);
    await Deno.writeTextFile(`${outside}/a.bin`, "secret");
    await Deno.mkdir(folder);
    await Deno.symlink(outside, `${folder}/docs`);
    await assertRejects(() => storage.open("docs/a.bin"), SuspiciousNameError, "is a link");
    await assertRejects(() => storage.save("docs/b.bin", "x"), SuspiciousNameError, "is a link");
    assertEquals(await Array.fromAsync(storage.list("", { recursive: true })), []);
    await Deno.remove(outside, { recursive: true });
  }, { blocking: true });
});

Deno.test("a small file of a LocalStorage is read in one step, and again after it", async () => {
  await withStorage(async (storage) => {
    await storage.save("a.bin", new Uint8Array([1, 2, 3]));
    const file = await storage.open("a.bin", "rb");
    assertEquals(await file.bytes(), new Uint8Array([1, 2, 3]));
    await file.seek(1);
    assertEquals(await file.bytes(), new Uint8Array([2, 3]));
    await file.close();
  });
});

Deno.test("save() stores a small open file with its attributes, and closes it", async () => {
  await withStorage(async (storage) => {
    await storage.save("a.bin", "abc", { contentType: "image/png", metadata: { by: "me" } });
    const file = await storage.open("a.bin", "rb");
    await storage.save("b.bin", file);
    assertEquals(file.closed, true);
    const { contentType, metadata, size } = await storage.stat("b.bin");
    assertEquals([contentType, metadata, size], ["image/png", { by: "me" }, 3]);
  });
});
