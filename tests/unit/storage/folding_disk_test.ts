/** LocalStorage on disks that fold names: no alias leads into its private folder. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SuspiciousNameError } from "../../../src/errors.ts";
import { LocalStorage } from "../../../src/storage/local/local_storage.ts";
import { type FoldingMount, FOLDINGS, MOUNT_HINT, mountFoldingDisk, nameShort, onFoldingDisk } from "./folding_disk.ts";
import { names, withStorage } from "./local_stage.ts";

/** Names that lead to `.storages` on one of the disks. */
const ALIASES = {
  case: [".STORAGES", ".Storages", ".storageS"],
  unicode: [".ſtorages", ".storageſ", ".st\u200dorages", ".sto\u00adrages", "\ufeff.STORAGES"],
  windows: [".STORAGES", ".storages.", ".storages. .", "STORAG~1", "storag~1"],
  unknown: [".støragés", ".støräges"],
};

async function refusesAll(storage: LocalStorage, name: string): Promise<void> {
  const calls = [
    () => storage.open(name),
    () => storage.stat(name),
    () => storage.exists(name),
    () => storage.save(name, "mine"),
    () => storage.save(name, "mine", { onExisting: "rename" }),
    () => storage.delete(name),
    () => storage.copy(name, "copy.txt"),
    () => storage.copy("a.css", name),
    () => names(storage, name.slice(0, name.indexOf("/"))),
    () => storage.listdir(name.slice(0, name.indexOf("/"))),
  ];
  for (const call of calls) await assertRejects(call, SuspiciousNameError, undefined, name);
}

/** Tries to reach the attributes of a file by aliases of the private folder. */
async function attack(storage: LocalStorage, folder: string, aliases: readonly string[]): Promise<void> {
  // Before the private folder exists, no folder can be created that would become it.
  for (const alias of aliases) {
    if (alias.includes("~")) continue; // only existing files have short names
    await assertRejects(() => storage.save(`${alias}/plant.json`, "{}"), SuspiciousNameError, undefined, alias);
  }
  assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []), []);
  await storage.save("a.css", "body {}", { metadata: { owner: "me" } });
  const { etag } = await storage.stat("a.css");
  const own = `${JSON.parse(etag)}.json`;
  for (const alias of aliases) {
    await refusesAll(storage, `${alias}/${own}`);
    await refusesAll(storage, `${alias}/new.json`);
    await refusesAll(storage, `${alias}/deep/new.json`);
  }
  assertEquals(await names(storage), ["a.css"]);
  assertEquals(await Array.fromAsync(Deno.readDir(`${folder}/.storages`), ({ name }) => name), [own]);
  assertEquals((await storage.stat("a.css")).metadata, { owner: "me" });
}

for (const [kind, aliases] of Object.entries(ALIASES)) {
  const folding = FOLDINGS[kind as keyof typeof FOLDINGS];
  Deno.test(`LocalStorage refuses all aliases of its private folder on a simulated disk: ${kind}`, async () => {
    await withStorage(async (_storage, folder) => {
      await onFoldingDisk(folder, folding, async () => {
        await attack(new LocalStorage(folder), folder, aliases);
        const disk = process.getBuiltinModule("node:fs/promises");
        for (const alias of aliases) assert((await disk.lstat(`${folder}/${alias}`)).isDirectory(), alias);
      });
    });
  });
}

Deno.test("LocalStorage refuses spellings of its own names on every disk, so that names are portable", async () => {
  await withStorage(async (storage, folder) => {
    await storage.save("a.css", "");
    const spellings = [...Object.values(ALIASES).flat(), ".STORAGES-1", "．storages", ".ﬆorages", ".ＳTORAGES-1"];
    for (const name of spellings.filter((name) => !ALIASES.unknown.includes(name) && !name.includes("~"))) {
      await refusesAll(storage, `${name}/a.json`);
    }
    for (const name of ["x.STORAGES-MORE/a", "x.ſtorages-more/a", "x.storages-more. /a"]) {
      await assertRejects(() => storage.save(name, "x"), SuspiciousNameError, "cannot be a name on disk");
    }
    for (const name of [".støragés/a", "STORAG~1/a", ".storage/a", "storages/a", "a.storages"]) {
      await storage.save(name, name);
      assertEquals(await (await storage.open(name)).text(), name);
    }
    // Files that other programs put there are hidden too.
    await Deno.mkdir(`${folder}/.STORAGES`);
    await Deno.writeTextFile(`${folder}/.STORAGES/a.json`, "{}");
    await Deno.writeTextFile(`${folder}/x.storages-more`, "");
    assertEquals((await names(storage)).length, 6);
  });
});

let mount: FoldingMount | undefined = await mountFoldingDisk();
const kind = mount?.kind;
await mount?.unmount();

Deno.test({
  name: `LocalStorage refuses all aliases of its private folder on a mounted disk: ${kind ?? MOUNT_HINT}`,
  ignore: mount === undefined,
  fn: async () => {
    mount = (await mountFoldingDisk())!;
    const { folder } = mount;
    try {
      // NTFS has no Unicode folding, and short names only on request.
      const aliases = kind!.startsWith("ext4") ? [...ALIASES.case, ...ALIASES.unicode] : ALIASES.case;
      const storage = new LocalStorage(folder);
      await attack(storage, folder, aliases);
      for (const alias of aliases) assert((await Deno.lstat(`${folder}/${alias}`)).isDirectory, alias);
      if (await nameShort(`${folder}/.storages`, "STORAG~1")) {
        assert((await Deno.lstat(`${folder}/storag~1`)).isDirectory);
        for (const name of ["STORAG~1/new.json", "storag~1/new.json"]) await refusesAll(storage, name);
      }
      await storage.save("Docs/A.txt", "1");
      await storage.save("docs/a.TXT", "2");
      assertEquals(await (await storage.open("DOCS/a.txt")).text(), "2");
      await storage.deleteMany(["docs/a.txt", "A.CSS"]);
      assertEquals(await names(storage), []);
    } finally {
      await mount.unmount();
    }
  },
});
