import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryStorage, Storage, SuspiciousNameError } from "../../../src/storage/mod.ts";
import { withStorage } from "./local_stage.ts";

Deno.test("with() of every storage changes settings on the same backend", async () => {
  await withStorage(async (local) => {
    const storages: readonly Storage[] = [
      new MemoryStorage({ location: "in" }),
      local,
      new Storage(new MemoryStorage().backend, { location: "in", gzip: true, maxMemorySize: 5 }),
    ];
    for (const storage of storages) {
      const derived = storage.with({ location: "in/avatars", fileOverwrite: false });
      await derived.save("a.txt", "hello");
      assertEquals(await storage.readText("avatars/a.txt"), "hello");
      assertEquals([derived.location, derived.fileOverwrite, derived.gzip, derived.maxMemorySize], [
        "in/avatars/",
        false,
        storage.gzip,
        storage.maxMemorySize,
      ]);
      assertEquals([storage.location, storage.fileOverwrite, derived.constructor], ["in/", true, storage.constructor]);
      assertEquals(storage.with({ location: undefined }).location, "in/");
    }
  }, { location: "in" });
});

Deno.test("with() keeps the hooks and the fields of a subclass", async () => {
  class Dated extends MemoryStorage {
    readonly day: string;
    constructor(day: string) {
      super();
      this.day = day;
    }
    override getAvailableName(name: string): Promise<string> {
      return Promise.resolve(`${this.day}/${name}`);
    }
  }
  const derived = new Dated("2026-11-30").with({ location: "logs" });
  assert(derived instanceof Dated);
  assertEquals(await derived.save("a.txt", "hello"), "2026-11-30/a.txt");
  assertEquals(await derived.listdir(), [["2026-11-30"], []]);
});

Deno.test("with() refuses an unknown option and a location that leaves the storage", () => {
  const storage = new MemoryStorage();
  assertThrows(() => storage.with({ folder: "a" } as never), TypeError, "unknown option 'folder'");
  assertThrows(() => storage.with({ location: "../a" }), Error, "location");
  assertThrows(() => storage.with("a" as never), TypeError, "options must be an object");
});

Deno.test("with() of a LocalStorage follows no link that leads out of the new location", async () => {
  await withStorage(async (local, folder) => {
    await local.save("b/secret.txt", "secret");
    await local.save("a/x.txt", "hello");
    await Deno.symlink("../b/secret.txt", `${folder}/a/link.txt`);
    assertEquals(await local.readText("a/link.txt"), "secret");
    await assertRejects(() => local.with({ location: "a" }).readText("link.txt"), SuspiciousNameError);
    assertEquals(await local.with({ fileOverwrite: false }).readText("a/link.txt"), "secret");
  }, { followLinks: "inside" });
});
