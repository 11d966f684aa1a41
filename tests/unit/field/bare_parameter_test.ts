/** A StoredFile as a parameter of a query, by the protocols of database libraries, and files of another copy of the module. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { deleteOrphans, fileField, StoredFile } from "../../../src/field/mod.ts";
import { isStoredFile } from "../../../src/field/stored_file.ts";
import { FilePlugin } from "../../../src/field/kysely/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

const storage = new MemoryStorage();
const field = fileField(storage);

/** The class of another copy of this module, as with two versions of a package in one program. */
const { StoredFile: OtherStoredFile } = await import(
  new URL("../../../src/field/stored_file.ts?copy", import.meta.url).href
) as { StoredFile: typeof StoredFile };

function otherFile(name: string | undefined, storage = field.storage): StoredFile {
  const place = { storage, asksForRecord: false, save: () => Promise.reject(new Error("not used")) };
  return new OtherStoredFile(place, "file", name);
}

Deno.test("toPostgres() is the name, and null for no file", () => {
  assertEquals([field.file("a/b.png").toPostgres(), field.file().toPostgres()], ["a/b.png", null]);
});

Deno.test("toSqlString() is a literal that no name can break out of, and NULL for no file", () => {
  assertEquals(field.file("é'\\.png").toSqlString(), "_utf8mb4 X'c3a9275c2e706e67'");
  assertEquals(field.file().toSqlString(), "NULL");
});

Deno.test("a driver that treats a file as an array or an object of parameters gets an error", () => {
  const file = field.file("a.png") as unknown as Record<number, unknown>;
  assertThrows(() => file[0], TypeError, "pass file.toJSON(), its name or null");
});

Deno.test("StoredFile has one enumerable property, its name", () => {
  const file = field.file("a.png");
  assertEquals([Object.keys(file), { ...file }, structuredClone(file) as unknown], [["name"], { name: "a.png" }, {
    name: "a.png",
  }]);
});

Deno.test("isStoredFile() recognises a file of another copy of this module by its brand", () => {
  assert(!(otherFile("a.png") instanceof StoredFile) && isStoredFile(otherFile("a.png")));
  for (const value of [{ name: "a.png" }, "a.png", null, undefined, new File([], "a.png")]) {
    assert(!isStoredFile(value));
  }
});

Deno.test("FileField.file() accepts a file of another copy in its storage", () => {
  assertEquals(field.file(otherFile("a.png")).name, "a.png");
  assertEquals(field.file(otherFile(undefined, new MemoryStorage())).isEmpty, true);
  assertThrows(() => field.file(otherFile("a.png", new MemoryStorage())), TypeError, "it is in another storage");
});

Deno.test("FilePlugin writes a file of another copy by its name", () => {
  const plugin = new FilePlugin({ avatar: field });
  const node = { kind: "PrimitiveValueListNode", values: [otherFile("a.png"), otherFile(undefined), 7] };
  assertEquals<unknown>(plugin.transformQuery({ node }), { ...node, values: ["a.png", null, 7] });
  const elsewhere = { kind: "ValueNode", value: otherFile("a.png", new MemoryStorage()) };
  assertThrows(() => plugin.transformQuery({ node: elsewhere }), TypeError, "it is in another storage");
});

Deno.test("deleteOrphans() accepts files of another copy as references", async () => {
  const now = (): Date => new Date(Date.now() + 2 * 86_400_000);
  await storage.save("files/a.png", "x");
  await storage.save("files/b.png", "x");
  const referenced = (): StoredFile[] => [otherFile("files/a.png"), otherFile(undefined)];
  assertEquals(await deleteOrphans(storage, { folder: "files", referenced, now }), ["files/b.png"]);
});
