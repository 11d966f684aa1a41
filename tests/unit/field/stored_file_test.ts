/** Django's FieldFile; `tests/django_storages_behaviours.md` compares each test with it. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NotFoundError, SuspiciousNameError } from "../../../src/errors.ts";
import { type FileField, fileField, type StoredFile } from "../../../src/field/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On, STORAGES } from "../storage/storages.ts";

function media(): FileField {
  return fileField(() => new MemoryStorage({ baseUrl: "/media/" }), { uploadTo: "tests" });
}

function attached(field: FileField = media(), attribute = "normal"): Record<string, StoredFile> {
  const record: Record<string, null> = { [attribute]: null };
  return field.attach(record, attribute);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const PNG = new Blob(["not really a picture"], { type: "image/png" });

Deno.test("chunks() yields 65,536 bytes at a time by default and for 0, and rewinds first", async () => {
  const file = await media().save("a.bin", new Uint8Array(100_000));
  await file.read(7);
  for (const chunks of [file.chunks(), file.chunks(0)]) {
    assertEquals((await Array.fromAsync(chunks)).map(({ byteLength }) => byteLength), [65_536, 34_464]);
  }
  await assertRejects(() => Array.fromAsync(file.chunks(-1)), RangeError, "got -1");
});

Deno.test("toString() is the name, or an empty text without a file", async () => {
  const file = media().file();
  assertEquals([`${file}`, file.toString()], ["", ""]);
  await file.save("a.txt", "x");
  assertEquals(`${file}`, "tests/a.txt");
});

Deno.test("isEmpty is true without a file, and the text of the file is falsy", () => {
  const { normal } = attached();
  assertEquals([normal!.isEmpty, Boolean(String(normal))], [true, false]);
});

Deno.test("leaving its block closes the file, and reading opens it again", async () => {
  const file = await media().save("a.txt", "content");
  {
    await using block = file;
    assertEquals(text(await block.read(3)), "con");
  }
  assertEquals(text(await file.read(3)), "con");
});

Deno.test("the stream of open() can be split into lines", async () => {
  const file = await media().save("a.txt", "one\rtwo\r\nthree\n");
  const { readable } = await file.open();
  assertEquals((await new Response(readable).text()).split(/\r\n|\r|\n/), ["one", "two", "three", ""]);
});

Deno.test("save() takes text as content and counts its size in bytes", async () => {
  assertEquals(await (await media().save("a.txt", "héllo")).size(), 6);
});

Deno.test("size(), url(), open(), read() and chunks() without a file throw Django's message", async () => {
  const { avatar: file } = attached(media(), "avatar");
  assertEquals([file!.isEmpty, file!.name, file!.equals(null), file!.equals(undefined)], [true, undefined, true, true]);
  const calls = [
    () => file!.size(),
    () => file!.url(),
    () => file!.open(),
    () => file!.read(),
    () => Array.fromAsync(file!.chunks()),
  ];
  for (const call of calls) {
    const { message } = await assertRejects(call as () => Promise<unknown>, NotFoundError);
    assertEquals(message, "The 'avatar' attribute has no file associated with it.");
  }
  await file!.close();
  await file!.delete();
});

Deno.test("save() joins uploadTo and the result of generateFilename()", async () => {
  const storage = new MemoryStorage();
  const cases: readonly [uploadTo: string, name: string, stored: string][] = [
    ["", "django_test.txt", "django_test.txt"],
    ["tests", "django_test.txt", "tests/django_test.txt"],
    ["tests/", "john's portrait in 2004.jpg", "tests/johns_portrait_in_2004.jpg"],
    ["%Y/%m/%d", "a.txt", "2026/03/04/a.txt"],
    ["%y-%j/%H%M%S/100%%", "a.txt", "26-063/050607/100%/a.txt"],
  ];
  for (const [uploadTo, name, stored] of cases) {
    const now = (): Date => new Date("2026-03-04T05:06:07Z");
    assertEquals((await fileField(storage, { uploadTo, now }).save(name, "x")).name, stored);
  }
});

Deno.test("uploadTo may be a function of the record and the name", async () => {
  interface User {
    readonly id: number;
  }
  const uploadTo = (user: User, name: string): Promise<string> => Promise.resolve(`users/${user.id}/${name}`);
  const field = fileField(new MemoryStorage(), { uploadTo });
  assertEquals((await field.save("me & you.png", PNG, { record: { id: 7 } })).name, "users/7/me__you.png");
  const user = field.attach({ id: 8, avatar: null }, "avatar");
  assertEquals(await user.avatar.save("a.png", PNG), "users/8/a.png");
  const traversing = fileField(new MemoryStorage(), { uploadTo: () => "../a.png" });
  await assertRejects(() => traversing.save("a.png", PNG), SuspiciousNameError);
  await assertRejects(() => field.file().save("a.png", PNG), TypeError, "Cannot save 'a.png' without a record");
  assertEquals(await field.file().save("a.png", PNG, { record: { id: 9 } }), "users/9/a.png");
});

Deno.test("save() shortens a name to 100 characters, or to maxLength, and keeps its extension", async () => {
  const storage = new MemoryStorage();
  const long = `${"a".repeat(200)}.txt`;
  const { name } = await fileField(storage, { uploadTo: "tests" }).save(long, "x");
  assertEquals(name, `tests/${"a".repeat(90)}.txt`);
  assertEquals((await fileField(storage, { maxLength: 10 }).save(long, "x")).name, "aaaaaa.txt");
  assertEquals((await fileField(storage, { maxLength: Infinity }).save(long, "x")).name, long);
});

Deno.test("save() does not save the record", async () => {
  const record = media().attach({ id: 7, normal: null }, "normal");
  const before = record.normal;
  assertEquals(await record.normal.save("a.txt", "x"), "tests/a.txt");
  assertEquals([record.normal === before, { ...record }.id], [true, 7]);
});

for (const [kind, create] of Object.entries(STORAGES)) {
  Deno.test(`saving a name twice on ${kind} overwrites the file by default`, async () => {
    const field = fileField(create(), { uploadTo: "tests" });
    const [first, second] = [field.file(), field.file()];
    await first.save("a.txt", "content");
    assertEquals(await first.size(), 7);
    await second.save("a.txt", "more content");
    assertEquals([await first.size(), await second.size(), first.equals(second)], [12, 12, true]);
    await second.delete();
    await assertRejects(() => first.size(), NotFoundError, "File does not exist: tests/a.txt");
  });

  Deno.test(`saving a name twice on ${kind} with fileOverwrite: false stores two files`, async () => {
    const field = fileField(create({ fileOverwrite: false }), { uploadTo: "tests" });
    const first = await field.save("a.txt", "content");
    const second = await field.save("a.txt", "more content");
    assert(/^tests\/a_\w{7}\.txt$/.test(String(second)), String(second));
    assertEquals([await first.size(), await second.size()], [7, 12]);
  });
}

Deno.test("size() asks the storage each time", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const file = fileField(s3On(server)).file("a.txt");
  await file.storage.save("a.txt", "content");
  await file.size();
  await file.size();
  assertEquals(server.requests.map(({ operation }) => operation), ["PutObject", "HeadObject", "HeadObject"]);
});

Deno.test("read() continues from the position, open() rewinds, and chunks() yields bytes", async () => {
  const file = await media().save("a.txt", "content");
  assertEquals([text(await file.read()), text(await file.read()), text(await file.read(3))], ["content", "", ""]);
  const open = await file.open();
  assertEquals([text(await file.read(3)), await open.text()], ["con", "tent"]);
  assertEquals((await Array.fromAsync(file.chunks(2), text)).join("-"), "co-nt-en-t");
});

Deno.test("closing the open file or the StoredFile closes both, and save() switches to the new file", async () => {
  const file = await media().save("a.txt", "content");
  const open = await file.open();
  await open.close();
  assertEquals(text(await file.read(3)), "con");
  const again = await file.open();
  await file.close();
  assertEquals(again.closed, true);
  await file.read(1);
  await file.save("b.txt", "more");
  assertEquals(text(await file.read()), "more");
});

Deno.test("concurrent reads open the file once", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const file = await fileField(s3On(server)).save("a.txt", "content");
  const [first, second] = await Promise.all([file.read(3), file.read()]);
  assertEquals([text(first), text(second)], ["con", "tent"]);
  assertEquals(server.requests.map(({ operation }) => operation), ["PutObject", "GetObject"]);
});

Deno.test("read() and open() fail while the file is missing, and read() works once it exists", async () => {
  const field = media();
  const file = field.file("a.txt");
  await assertRejects(() => file.read(), NotFoundError);
  await assertRejects(() => file.open(), NotFoundError);
  await file.close();
  await field.storage.save("a.txt", "late");
  assertEquals(text(await file.read()), "late");
});

Deno.test("open() takes the options of Storage.open() and opens the file again for them", async () => {
  const packed = new Blob(["content"]).stream().pipeThrough(new CompressionStream("gzip"));
  const file = await media().save("a.txt", packed, { contentEncoding: "gzip" });
  assertEquals(await file.read(2), new Uint8Array([0x1f, 0x8b]));
  assertEquals(await (await file.open({ decompress: true })).text(), "content");
});

Deno.test("delete() closes and deletes the file and clears the name; a missing file is no error", async () => {
  const { normal: file } = attached();
  await file!.save("a.txt", "content");
  const open = await file!.open();
  const other = media().file(file!.name);
  await file!.delete();
  assertEquals([file!.isEmpty, open.closed, await file!.storage.exists("tests/a.txt")], [true, true, false]);
  await other.delete();
  assertEquals(other.name, undefined);
});

Deno.test("a failed delete() keeps the name", async () => {
  const server = createS3Server({ buckets: [] });
  const file = fileField(s3On(server)).file("a.txt");
  await assertRejects(() => file.delete(), NotFoundError);
  assertEquals(file.name, "a.txt");
});

Deno.test("replace() stores the new file before it deletes the old one", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const file = await fileField(s3On(server), { uploadTo: "tests" }).save("a.txt", "content");
  const stored = await file.replace("a.txt", "more content");
  assert(stored === file.name && /^tests\/a_\w{7}\.txt$/.test(stored), stored);
  assertEquals(server.objects("media").map(({ key }) => key), [stored]);
  const operations = server.requests.map(({ operation }) => operation);
  assert(operations.indexOf("DeleteObject") === operations.length - 1, operations.join());
  const none = media().file();
  assertEquals(await none.replace("a.txt", "content"), "tests/a.txt");
});

Deno.test("replace() of a missing file stores the new one under the same name", async () => {
  const storage = new MemoryStorage();
  const file = fileField(storage).file("a.txt");
  assertEquals(await file.replace("a.txt", "content"), "a.txt");
  assertEquals([file.name, await file.size()], ["a.txt", 7]);
});

Deno.test("concurrent replace() calls leave only the last file", async () => {
  const storage = new MemoryStorage();
  const file = await fileField(storage).save("a.txt", "content");
  await Promise.all([file.replace("a.txt", "one"), file.replace("a.txt", "two"), file.replace("b.txt", "three")]);
  assertEquals((await storage.listdir())[1], [file.name]);
});

Deno.test("an assigned name is a reference and sends no request", () => {
  const server = createS3Server({ buckets: ["media"] });
  const record = fileField(s3On(server)).attach({ normal: "first.txt" as string | null }, "normal");
  assertEquals(record.normal.name, "first.txt");
  for (const [value, name] of [["a b.txt", "a b.txt"], [null, undefined], ["", undefined], [undefined, undefined]]) {
    Object.assign(record, { normal: value });
    assertEquals(record.normal.name, name);
  }
  assertEquals(server.requests.length, 0);
});

Deno.test("assigning content throws and recommends save()", () => {
  const record = media().attach({ normal: null }, "normal");
  for (const content of [PNG, new File(["x"], "a.txt")]) {
    assertThrows(() => Object.assign(record, { normal: content }), TypeError, "Use `await record.attribute.save(");
  }
  for (const value of [7, {}, ["a.txt"], { name: 7 }]) {
    assertThrows(() => Object.assign(record, { normal: value }), TypeError, "must be a string, null or undefined");
  }
  assertEquals(record.normal.isEmpty, true);
});

Deno.test("file() refuses a file of another storage, unless it is empty", async () => {
  const [here, there] = [media(), media()];
  const file = await there.save("a.txt", "x");
  assertThrows(() => here.file(file), TypeError, "Cannot refer to 'tests/a.txt': it is in another storage");
  assertEquals(here.file(there.file()).isEmpty, true);
  const thumbnail = fileField(there.storage, { uploadTo: "thumbnails" });
  assertEquals(await thumbnail.file(file).size(), 1);
});

Deno.test("assigning another name closes the open file", async () => {
  const record = media().attach({ normal: null }, "normal");
  await record.normal.save("a.txt", "x");
  const open = await record.normal.open();
  const same = record.normal;
  Object.assign(record, { normal: same });
  assertEquals([record.normal === same, open.closed], [true, false]);
  Object.assign(record, { normal: "tests/b.txt" });
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([record.normal.name, open.closed], ["tests/b.txt", true]);
});

Deno.test("save() refuses absolute names and '..' segments, and keeps folders", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const field = fileField(s3On(server), { uploadTo: "tests" });
  for (const name of ["../x", "/x", "\\x", "a/../x", "..\\x", "./x", "", ".", "..", "sub/"]) {
    await assertRejects(() => field.save(name, "x"), SuspiciousNameError, undefined, name);
  }
  assertEquals(server.requests.length, 0);
  assertEquals((await field.save("sub/x", "x")).name, "tests/sub/x");
});

Deno.test("JSON and structuredClone keep only the name, and attach() binds it to its storage again", async () => {
  const field = media();
  const record = field.attach({ id: 7, normal: null }, "normal");
  await record.normal.save("a.txt", "content");
  await record.normal.read(3);
  assertEquals(JSON.stringify(record), '{"id":7,"normal":"tests/a.txt"}');
  assertEquals(structuredClone(record) as unknown, { id: 7, normal: { name: "tests/a.txt" } });
  for (const kept of [JSON.parse(JSON.stringify(record)), structuredClone(record)]) {
    const back = field.attach(kept as { id: number; normal: string }, "normal");
    assertEquals([back.id, back.normal.equals(record.normal), text(await back.normal.read())], [7, true, "content"]);
    assertEquals(field.file(structuredClone(record.normal)).name, "tests/a.txt");
  }
  await record.normal.delete();
  assertEquals(JSON.stringify(record), '{"id":7,"normal":null}');
  assertEquals(field.file(structuredClone(record.normal)).isEmpty, true);
});

Deno.test("a MessagePort carries only the name", async () => {
  const file = await media().save("a.txt", "content");
  const { port1, port2 } = new MessageChannel();
  const arrived = new Promise((resolve) => port2.onmessage = ({ data }) => resolve(data));
  port1.postMessage({ file });
  assertEquals(await arrived, { file: { name: "tests/a.txt" } });
  port1.close();
  port2.close();
});

Deno.test("a function given as storage is called once, on first use", async () => {
  let calls = 0;
  const field = fileField(() => {
    calls++;
    return new MemoryStorage();
  });
  const record = field.attach({ normal: "a.txt" as string | null }, "normal");
  assertEquals([record.normal.name, calls], ["a.txt", 0]);
  await record.normal.save("a.txt", "x");
  assertEquals([await field.file("a.txt").size(), calls], [1, 1]);
});

Deno.test("a function given as storage must return a Storage", () => {
  const field = fileField(() => "media" as unknown as Storage);
  assertThrows(() => field.storage, TypeError, 'must return a Storage, got "media"');
  const none = fileField(() => undefined as unknown as Storage);
  assertThrows(() => none.storage, TypeError, "got undefined");
});

Deno.test("fileField() refuses invalid values of uploadTo and maxLength", () => {
  const storage = new MemoryStorage();
  for (const uploadTo of ["/tests", "../tests", "a/../b", "a/./b"]) {
    assertThrows(() => fileField(storage, { uploadTo }), SuspiciousNameError);
  }
  assertThrows(
    () => fileField(storage, { uploadTo: "%Y/%B" }),
    TypeError,
    "got '%B' in '%Y/%B'",
  );
  assertThrows(() => fileField(storage, { uploadTo: "100%" }), TypeError, "got '%' in '100%'");
  for (const maxLength of [0, -1, 1.5, NaN]) {
    assertThrows(() => fileField(storage, { maxLength }), RangeError, `got ${maxLength}`);
  }
});

Deno.test("equals() compares names", () => {
  const field = media();
  const file = field.file("a.txt");
  assertEquals([file.equals(field.file("a.txt")), file.equals("a.txt"), file.equals("b.txt")], [true, true, false]);
  assertEquals([file.equals(null), file.equals(field.file()), field.file().equals("")], [false, false, true]);
});

Deno.test("the name of a StoredFile is read-only", () => {
  const file = media().file("a.txt") as { name: string };
  assertThrows(() => file.name = "b.txt", TypeError);
});

Deno.test("open() reads the range of its options, with one request", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  await storage.save("a.txt", "storage contents");
  const before = server.requests.length;
  const file = await fileField(storage).file("a.txt").open({ start: 8 });
  assertEquals(await file.text(), "contents");
  assertEquals(server.requests.length - before, 1);
});
