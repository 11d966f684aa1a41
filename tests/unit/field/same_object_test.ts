/** Files are compared by their object, not by the spelling of the name or the instance of the storage. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type FileField, fileField, type StoredFile, type Transaction, withFiles } from "../../../src/field/mod.ts";
import { FilePlugin } from "../../../src/field/kysely/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";

const identity: Transaction<undefined> = (body) => body(undefined);

function names(server: S3Server): string[] {
  return server.objects("media").map(({ key }) => key);
}

/** Saves `me.png` for a row whose file does not exist, and marks that file for deletion. */
async function replaceGone(field: FileField, old: StoredFile): Promise<string> {
  return await withFiles(identity, async (files) => {
    const file = await files.save(field, "me.png", "new");
    await files.transaction(() => Promise.resolve(files.deleteAfterCommit(old)));
    return String(file);
  });
}

Deno.test("deleteAfterCommit() keeps the new file if the row has its name in another spelling", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const field = fileField(s3On(server), { uploadTo: "avatars" });
  for (const spelling of ["avatars//me.png", "avatars\\me.png", "avatars/me.png"]) {
    assertEquals(await replaceGone(field, field.file(spelling)), "avatars/me.png");
    assertEquals(names(server), ["avatars/me.png"], spelling);
    await field.storage.delete("avatars/me.png");
  }
});

Deno.test("deleteAfterCommit() keeps the new file if the row's field has another storage of the same bucket", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const field = fileField(s3On(server), { uploadTo: "avatars" });
  const others: [Storage, string][] = [
    [s3On(server), "avatars/me.png"],
    [s3On(server, { location: "avatars" }), "me.png"],
    [s3On(server, { addressingStyle: "path", querystringAuth: false }), "avatars/me.png"],
  ];
  for (const [storage, name] of others) {
    await replaceGone(field, fileField(storage).file(name));
    assertEquals(names(server), ["avatars/me.png"]);
    await field.storage.delete("avatars/me.png");
  }
});

Deno.test("deleteAfterCommit() removes a file of the same name in another bucket", async () => {
  const server = createS3Server({ buckets: ["media", "archive"] });
  const archive = fileField(s3On(server, { bucketName: "archive" }), { uploadTo: "avatars" });
  const old = await archive.save("me.png", "old");
  await replaceGone(fileField(s3On(server), { uploadTo: "avatars" }), old);
  assertEquals([names(server), server.objects("archive")], [["avatars/me.png"], []]);
});

Deno.test("deleteAfterCommit() reports an invalid name in a row, and removes the other files", async () => {
  const storage = new MemoryStorage();
  const field = fileField(storage);
  const old = await field.save("old.txt", "old");
  const left: unknown[] = [];
  await withFiles(identity, (files) =>
    files.transaction(() => {
      for (const file of [field.file("../a.txt"), field.file("/b.txt"), old]) files.deleteAfterCommit(file);
      return Promise.resolve();
    }), { onLeftBehind: (names) => left.push(...names) });
  assertEquals([left, await storage.exists("old.txt")], [["../a.txt", "/b.txt"], false]);
});

Deno.test("deleteAfterCommit() of two spellings of a name removes the object once", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const field = fileField(s3On(server));
  const old = await field.save("a.txt", "old");
  await withFiles(identity, (files) =>
    files.transaction(() => {
      for (const file of [old, field.file("a.txt")]) files.deleteAfterCommit(file);
      return Promise.resolve();
    }));
  const operations = server.requests.map(({ operation }) => operation);
  assertEquals([names(server), operations], [[], ["PutObject", "DeleteObject"]]);
});

Deno.test("replace() keeps the new file if the old name was another spelling of its name", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const field = fileField(s3On(server), { uploadTo: "avatars" });
  const file = field.file("avatars//me.png"); // the object does not exist, so its name is free
  assertEquals(await file.replace("me.png", "new"), "avatars/me.png");
  assertEquals(names(server), ["avatars/me.png"]);
  const second = await file.replace("me.png", "newer");
  assertEquals(names(server), [second]);
});

Deno.test("equals() compares objects: spellings and instances do not count, buckets and locations do", () => {
  const server = createS3Server({ buckets: ["media", "archive"] });
  const [one, same, archive, avatars] = [{}, {}, { bucketName: "archive" }, { location: "avatars" }].map((options) =>
    fileField(s3On(server, options))
  ) as [FileField, FileField, FileField, FileField];
  const file = one.file("avatars/me.png");
  for (const equal of [same.file("avatars//me.png"), avatars.file("me.png"), "avatars//me.png", "avatars/me.png"]) {
    assert(file.equals(equal), String(equal));
  }
  for (const other of [archive.file("avatars/me.png"), avatars.file("avatars/me.png"), "me.png", "", null]) {
    assert(!file.equals(other), String(other));
  }
  assert(one.file("../a").equals("../a") && !one.file("../a").equals("../b"));
});

Deno.test("FileField.file() accepts a file of another storage only for the same bucket and location", () => {
  const server = createS3Server({ buckets: ["media", "archive"] });
  const field = fileField(s3On(server));
  assertEquals(field.file(fileField(s3On(server)).file("a.txt")).name, "a.txt");
  for (const options of [{ bucketName: "archive" }, { location: "avatars" }]) {
    const file = fileField(s3On(server, options)).file("a.txt");
    assertThrows(() => field.file(file), TypeError, "it is in another storage");
  }
});

Deno.test("FilePlugin accepts a file of another storage only for the same bucket", () => {
  const server = createS3Server({ buckets: ["media", "archive"] });
  const plugin = new FilePlugin({ avatar: fileField(s3On(server)) });
  const written = (storage: Storage): unknown =>
    plugin.transformQuery<unknown>({ node: { kind: "ValueNode", value: fileField(storage).file("a.txt") } });
  assertEquals(written(s3On(server)), { kind: "ValueNode", value: "a.txt" });
  assertThrows(() => written(s3On(server, { bucketName: "archive" })), TypeError, "it is in another storage");
});

/** A storage of an older copy of this module, which cannot identify objects. */
function withoutUri(): MemoryStorage {
  return Object.assign(new MemoryStorage(), { uri: undefined });
}

Deno.test("isSameObject() compares files in storages without uri() by instance and clean name", async () => {
  const [storage, other] = [withoutUri(), withoutUri()];
  const file = fileField(storage).file("a//b.txt");
  assert(file.equals("a/b.txt") && file.equals(fileField(storage).file("a/b.txt")));
  assert(!file.equals(fileField(other).file("a//b.txt")));
  await assertRejects(
    () => Promise.resolve().then(() => fileField(other).file(file)),
    TypeError,
    "another storage",
  );
});
