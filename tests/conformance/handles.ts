import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AlreadyExistsError, isStorageError, NotFoundError, type Storage, type TextFile } from "../../mod.ts";
import { collect, pattern, rejection, type StorageCase } from "./case.ts";

async function readAll(storage: Storage, name: string): Promise<string> {
  return await (await storage.open(name)).read();
}

/** What files opened for reading and writing must do on any storage. */
export const handleCases: StorageCase[] = [
  {
    name: "the example session of the django-storages document works",
    async run(open): Promise<void> {
      const storage = open();
      assertEquals(await storage.exists("storage_test"), false);
      const out = await storage.open("storage_test", "w");
      await out.write("storage contents");
      await out.close();
      assertEquals(await storage.exists("storage_test"), true);
      const file = await storage.open("storage_test", "r");
      assertEquals(await file.read(), "storage contents");
      await file.close();
      await storage.delete("storage_test");
      assertEquals(await storage.exists("storage_test"), false);
    },
  },
  {
    name: "read(n) reads bytes or characters piece by piece",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "héllo\r\nworld");
      const text = await storage.open("a.txt");
      assertEquals([await text.read(2), await text.read(4), await text.read()], ["hé", "llo\n", "world"]);
      assertEquals(await text.read(), "");
      const bytes = await storage.open("a.txt", "rb");
      assertEquals(await bytes.read(3), new Uint8Array([0x68, 0xc3, 0xa9]));
      assertEquals((await bytes.read()).byteLength, 10);
      assertEquals(await bytes.read(5), new Uint8Array(0));
    },
  },
  {
    name: "open() with start and end reads that range like a whole file",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "0123456789");
      const read = async (start?: number, end?: number): Promise<string> =>
        await (await storage.open("a.txt", "r", { start, end })).read();
      assertEquals(await read(2, 5), "234");
      assertEquals(await read(7), "789");
      assertEquals(await read(undefined, 3), "012");
      assertEquals(await read(8, 100), "89");
      assertEquals(await read(10), "");
      assertEquals(await read(50, 60), "");
      const file = await storage.open("a.txt", "rb", { start: 4, end: 8 });
      assertEquals([file.size, file.position], [10, 4]);
      assertEquals(await file.read(1), new Uint8Array([0x34]));
      await file.seek(1);
      assertEquals(await file.text(), "1234567");
      assertEquals((await file.read()).byteLength, 0);
      await file.close();
      for (const [start, end] of [[-1], [0.5], [3, 3], [0, -1], [0, NaN]] as const) {
        assert(await rejection(read(start, end)) instanceof RangeError, `${start} to ${end}`);
      }
      const spooled = storage.open("a.txt", "r", { start: 1, spool: true });
      assert(await rejection(spooled) instanceof TypeError);
      const decompressed = storage.open("a.txt", "r", { start: 1, decompress: true });
      assert(await rejection(decompressed) instanceof TypeError);
    },
  },
  {
    name: "concurrent reads are executed in order",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "12345678");
      const file = await storage.open("a.txt");
      const reads = await Promise.all([file.read(2), file.read(3), file.seek(1), file.read(2), file.read()]);
      assertEquals(reads, ["12", "345", undefined, "23", "45678"]);
    },
  },
  {
    name: "after a first read the rest is available as text, bytes, JSON, Blob or stream",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.json", 'header {"a":1}', { contentType: "application/x-own" });
      const rest = async <T>(take: (file: TextFile) => Promise<T>): Promise<T> => {
        const file = await storage.open("a.json");
        assertEquals(await file.read(7), "header ");
        const value = await take(file);
        await file.close();
        return value;
      };
      assertEquals(await rest((file) => file.text()), '{"a":1}');
      assertEquals(await rest((file) => file.json()), { a: 1 });
      assertEquals((await rest((file) => file.bytes())).byteLength, 7);
      assertEquals((await rest((file) => file.blob())).type, "application/x-own");
      assertEquals(await rest((file) => new Response(file.readable).text()), '{"a":1}');
    },
  },
  {
    name: "a file knows its name, size and type, and seek() moves to any position",
    async run(open): Promise<void> {
      const storage = open();
      const content = pattern(100_000);
      await storage.save("dir/a.bin", content);
      const file = await storage.open("dir/a.bin", "rb");
      assertEquals([file.name, file.size, file.stat.contentType], ["dir/a.bin", 100_000, "application/octet-stream"]);
      for (const offset of [99_000, 0, 50_000, 50_010, 99_999]) {
        await file.seek(offset);
        assertEquals(await file.read(20), content.slice(offset, offset + 20));
      }
      await file.seek(100_000);
      assertEquals((await file.read(20)).byteLength, 0);
      await file.seek(100_001);
      assertEquals((await file.bytes()).byteLength, 0);
      await file.close();
      assertEquals(file.closed, true);
      await file.close();
      assertStringIncludes((await rejection(file.read(1))).message, "the file is closed");
    },
  },
  {
    name: "opening a missing file reports its name with the location",
    async run(open): Promise<void> {
      const storage = open();
      for (const attempt of [() => storage.open("no/such.txt"), () => storage.size("no/such.txt")]) {
        const error = await rejection(attempt());
        assert(error instanceof NotFoundError && isStorageError(error, "NotFound"));
        assertEquals(error.message, `File does not exist: ${error.key}`);
        assert(error.key?.endsWith(`${storage.location}no/such.txt`), error.key); // a backend may keep it elsewhere
      }
      assert(await rejection(storage.getModifiedTime("no/such.txt")) instanceof NotFoundError);
      assert(await rejection(storage.copy("no/such.txt", "b.txt")) instanceof NotFoundError);
    },
  },
  {
    name: "a written file is not visible before it is closed",
    async run(open): Promise<void> {
      const storage = open();
      const file = await storage.open("a.txt", "w");
      assertEquals([await file.write("héllo "), await file.write(new Uint8Array([119]))], [7, 1]);
      assertEquals(await storage.exists("a.txt"), false);
      await file.close();
      await file.close();
      assertEquals(await readAll(storage, "a.txt"), "héllo w");
      assertStringIncludes((await rejection(file.write("more"))).message, "the file is closed");
    },
  },
  {
    name: "concurrent writes keep their order",
    async run(open): Promise<void> {
      const storage = open();
      const file = await storage.open("a.txt", "w");
      void file.write("a");
      void file.write("b");
      await Promise.all([file.write("c"), file.close()]);
      assertEquals(await readAll(storage, "a.txt"), "abc");
    },
  },
  {
    name: "opening for writing truncates, even if nothing is written",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "old content");
      await (await storage.open("a.txt", "w")).close();
      assertEquals(await storage.size("a.txt"), 0);
    },
  },
  {
    name: "a file that is aborted or disposed before close() is not stored",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "old content");
      const aborted = await storage.open("a.txt", "w");
      await aborted.write("new");
      await aborted.abort();
      const disposed = await storage.open("b.txt", "w");
      await disposed[Symbol.asyncDispose]();
      assertEquals(await readAll(storage, "a.txt"), "old content");
      assertEquals(await storage.exists("b.txt"), false);
      assertEquals((await rejection(aborted.close())).name, "AbortError");
    },
  },
  {
    name: "a stream piped to a file is stored if it ends, and not if it fails",
    async run(open): Promise<void> {
      const storage = open();
      const good = await storage.open("good.txt", "wb");
      await new Blob(["piped"]).stream().pipeTo(good.writable);
      assertEquals(await readAll(storage, "good.txt"), "piped");
      const bad = await storage.open("bad.txt", "wb");
      let pulls = 0;
      const broken = new ReadableStream<Uint8Array>({
        pull(controller): void {
          if (pulls++ > 0) throw new Error("the source broke");
          controller.enqueue(new Uint8Array(10));
        },
      });
      assertStringIncludes((await rejection(broken.pipeTo(bad.writable))).message, "the source broke");
      assertEquals(await storage.exists("bad.txt"), false);
    },
  },
  {
    name: "close() of a written file applies fileOverwrite",
    async run(open): Promise<void> {
      const storage = open({ fileOverwrite: false });
      await storage.save("a.txt", "first");
      const file = await storage.open("a.txt", "w");
      await file.write("second");
      assert(await rejection(file.close()) instanceof AlreadyExistsError);
      assertEquals(await readAll(storage, "a.txt"), "first");
    },
  },
  {
    name: "every call with an aborted signal fails with its reason",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      const options = { signal: AbortSignal.abort(new Error("changed my mind")) };
      const calls: (() => Promise<unknown>)[] = [
        () => storage.save("b.txt", "x", options),
        () => storage.save("b.txt", new Blob(["x"]).stream(), options),
        () => storage.open("a.txt", "rb", options),
        () => storage.open("b.txt", "w", options),
        () => storage.exists("a.txt", options),
        () => storage.listdir("", options),
        () => storage.copy("a.txt", "b.txt", options),
        () => storage.delete("a.txt", options),
        () => storage.deleteMany(["a.txt"], options),
      ];
      for (const call of calls) assertEquals((await rejection(call())).message, "changed my mind");
      assertEquals((await collect(storage.list("", { recursive: true }))).map(({ name }) => name), ["a.txt"]);
    },
  },
];
