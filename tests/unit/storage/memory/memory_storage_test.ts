import { assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { NotSupportedError } from "../../../../src/errors.ts";
import { MemoryStorage } from "../../../../src/storage/memory/memory_storage.ts";
import { SeededRandom } from "../../random.ts";

Deno.test("MemoryStorage lists in the order of UTF-8, as S3 does, which is not that of JavaScript's strings", async () => {
  const random = new SeededRandom(13);
  const alphabet = ["a", "z", "é", "\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}", "\u{10000}", "-", "0"];
  const storage = new MemoryStorage();
  const names = new Set(Array.from({ length: 300 }, () => random.text(alphabet, 1, 4)));
  for (const name of names) await storage.save(name, "");
  const listed = (await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name);
  assertEquals(listed, [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
});

Deno.test("MemoryStorage lists a folder once, whatever is sorted between its files", async () => {
  const storage = new MemoryStorage();
  for (const name of ["a/1", "a/2", "a-b", "a.b", "a0", "a/b/c", "a/b/d"]) await storage.save(name, "");
  assertEquals(await storage.listdir(), [["a"], ["a-b", "a.b", "a0"]]);
  assertEquals(await storage.listdir("a"), [["b"], ["1", "2"]]);
});

Deno.test("MemoryStorage copies bytes on save and on read", async () => {
  const storage = new MemoryStorage();
  const bytes = new Uint8Array([1, 2, 3]);
  await storage.save("a", bytes);
  bytes.fill(9);
  const read = await (await storage.open("a", "rb")).read();
  assertEquals([...read], [1, 2, 3]);
  read.fill(9);
  assertEquals([...await (await storage.open("a", "rb")).read()], [1, 2, 3]);
});

Deno.test("MemoryStorage continues to read the opened file if it is replaced meanwhile", async () => {
  const storage = new MemoryStorage();
  await storage.save("a", "before");
  const file = await storage.open("a");
  await storage.save("a", "after!");
  await storage.delete("a");
  assertEquals(await file.read(), "before");
});

Deno.test("MemoryStorage makes URLs below its baseUrl, and none without", async () => {
  const storage = new MemoryStorage({ baseUrl: "https://h/media/", location: "x" });
  assertEquals(await storage.url("a b/ñ?#.txt"), "https://h/media/x/a%20b/%C3%B1%3F%23.txt");
  await assertRejects(() => new MemoryStorage().url("a"), NotSupportedError, "baseUrl");
});

Deno.test("MemoryStorage uses the option now for dates, and changes the ETag with the content", async () => {
  let now = new Date("2026-01-31T12:00:00Z");
  const storage = new MemoryStorage({ now: () => now });
  await storage.save("a", "1");
  const first = await storage.stat("a");
  now = new Date("2026-02-01T12:00:00Z");
  await storage.save("a", "2");
  const second = await storage.stat("a");
  assertEquals([first.modifiedTime.getUTCDate(), second.modifiedTime.getUTCDate()], [31, 1]);
  assertEquals(first.etag === second.etag, false);
});

Deno.test("MemoryStorage continues a listing while files are added and deleted", async () => {
  const storage = new MemoryStorage();
  for (const name of ["a", "b", "c"]) await storage.save(name, "");
  const seen: string[] = [];
  for await (const { name } of storage.list("", { recursive: true })) {
    seen.push(name);
    await storage.delete("b");
    await storage.save("d", "");
  }
  assertEquals(seen, ["a", "c"]);
});
