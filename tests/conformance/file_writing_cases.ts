// deno-lint-ignore-file no-console -- the warnings on the console are tested
/** Files open for writing; `tests/django_storages_behaviours.md` compares each case with django-storages. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isStorageError, type WriteFile } from "../../mod.ts";
import { collect, pattern, rejection, type S3Case, type StorageCase } from "./case.ts";
import { refusal } from "./file_reading_cases.ts";
import { counting } from "./counted_requests.ts";

const MEBIBYTE = 1024 * 1024;

const SMALL_PARTS = { transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE } };

const FORBIDDEN = "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";

/** Runs a function with console.warn intercepted, and returns the warnings. */
async function warnings(run: () => Promise<void>): Promise<string[]> {
  const { warn } = console;
  const seen: string[] = [];
  console.warn = (...parts: unknown[]): void => void seen.push(parts.join(" "));
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return seen;
}

/** Writes, throws and disposes the file, as `await using` would; Node 20 has no syntax for that. */
async function failingBlock(file: WriteFile, content: Uint8Array<ArrayBuffer> | string): Promise<void> {
  try {
    await file.write(content);
    throw new Error("the block's");
  } finally {
    await file[Symbol.asyncDispose]();
  }
}

export const fileWritingCases: StorageCase[] = [
  {
    name: "open() on a file refuses while the file is being written",
    async run(open): Promise<void> {
      const storage = open();
      const file = await storage.open("a.txt", "w");
      await file.write("abc");
      assertEquals((await rejection(file.open())).message, "Cannot open 'a.txt' again: close it first");
      await file.write("Z");
      await file.close();
      assertEquals(await (await storage.open("a.txt")).read(), "abcZ");
    },
  },
  {
    name: "leaving its block closes a file, and it can be opened and written again",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("b.txt", "hello");
      const reader = await storage.open("b.txt");
      assertEquals(await reader.read(1), "h");
      await reader[Symbol.asyncDispose]();
      assertEquals(reader.closed, true);
      const file = await storage.open("a.txt", "w");
      for (const text of ["first, and longer", "second"]) {
        await file.write(text);
        await file.close();
        assertEquals([file.closed, await (await storage.open("a.txt")).read()], [true, text]);
        assertEquals(await file.open("w"), file);
        assertEquals([file.closed, file.size], [false, 0]);
      }
      await file.abort(new Error("aborted"));
      assertEquals((await rejection(file.close())).message, "aborted");
      await file.open();
      await new Blob(["third"]).stream().pipeTo(file.writable);
      assertEquals(await (await storage.open("a.txt")).read(), "third");
    },
  },
  {
    name: "write() stores text as UTF-8 and bytes unchanged, returns the byte count and refuses other types",
    async run(open): Promise<void> {
      const storage = open();
      const file = await storage.open("a.txt", "w");
      const bytes = new Uint8Array([0x61, 0x62, 0x63, 0x64]);
      assertEquals(await file.write("hé"), 3);
      assertEquals(await file.write(bytes.subarray(1, 3)), 2);
      assertEquals(await file.write(bytes.buffer), 4);
      assertEquals(await file.write(new DataView(bytes.buffer, 3)), 1);
      for (const wrong of [5, null, undefined, ["a"], {}, true]) {
        assert(await rejection(file.write(wrong as unknown as string)) instanceof TypeError);
      }
      await file.close();
      assertEquals(await (await storage.open("a.txt")).read(), "hébcabcdd");
    },
  },
  {
    name: "flush() publishes nothing, and later writes are stored too",
    async run(open): Promise<void> {
      const storage = open();
      const file = await storage.open("a.txt", "w");
      void file.write("hello");
      await file.flush();
      assertEquals([file.size, await storage.exists("a.txt")], [5, false]);
      await file.write(" world");
      await file.close();
      assertEquals(await (await storage.open("a.txt")).read(), "hello world");
      assertStringIncludes((await rejection(file.flush())).message, "the file is closed");
    },
  },
  {
    name: "opening for writing truncates, even if nothing or an empty text is written",
    async run(open): Promise<void> {
      const storage = open();
      for (const texts of [[], [""]]) {
        for (const name of ["a.txt", "new.txt"]) {
          await storage.save("a.txt", "old content");
          const file = await storage.open(name, "w");
          for (const text of texts) assertEquals(await file.write(text), 0);
          await file.close();
          assertEquals(await storage.size(name), 0);
        }
      }
    },
  },
  {
    name: "a file has no writelines(), and a stream of lines can be piped to writable",
    async run(open): Promise<void> {
      const storage = open();
      const file = await storage.open("a.txt", "w");
      assertEquals("writelines" in file, false);
      const lines = ["first\n", "second\n"];
      const stream = new ReadableStream<string>({
        pull: (controller) => lines.length > 0 ? controller.enqueue(lines.shift()!) : controller.close(),
      });
      await stream.pipeTo(file.writable);
      assertEquals(await collect((await storage.open("a.txt")).lines()), ["first\n", "second\n"]);
    },
  },
  {
    name: "a file open for writing has no seek() and no position",
    async run(open): Promise<void> {
      const file = await open().open("a.txt", "w");
      assertEquals(["seek" in file, "position" in file], [false, false]);
      await file.abort();
    },
  },
  {
    name: "a block that throws publishes nothing and keeps the old content",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "old content");
      const seen = await warnings(async () => {
        const file = await storage.open("a.txt", "w");
        assertEquals((await rejection(failingBlock(file, "half"))).message, "the block's");
        assertEquals(file.closed, true);
      });
      assertEquals(seen.length, 1);
      assertEquals(await (await storage.open("a.txt")).read(), "old content");
    },
  },
];

/** Requests of files open for writing. */
export const fileWritingWireCases: S3Case[] = [
  {
    name: "a small file is one PUT with the write parameters, sent by close()",
    async run(context): Promise<void> {
      const { storage, requests } = counting(context, { objectParameters: { CacheControl: "max-age=60" } });
      const file = await storage.open("dir/a.css", "w");
      await file.write("a{}");
      assertEquals(requests.length, 0);
      await file.close();
      assertEquals(requests.map(({ method, url }) => [method, url.search]), [["PUT", ""]]);
      const { contentType, cacheControl } = await storage.stat("dir/a.css");
      assertEquals([contentType, cacheControl], ["text/css; charset=utf-8", "max-age=60"]);
    },
  },
  {
    name: "parts have one size and are uploaded while more is written",
    async run(context): Promise<void> {
      const { storage, requests } = counting(context, SMALL_PARTS);
      const content = pattern(11 * MEBIBYTE);
      const file = await storage.open("a.bin", "wb");
      await file.write(content);
      await file.flush();
      assertEquals(requests[0]?.url.searchParams.has("uploads"), true);
      assertEquals(requests.some(({ url }) => url.searchParams.get("partNumber") === "3"), false);
      await file.close();
      const steps = requests.map(({ method, url }) => `${method} ${url.searchParams.get("partNumber") ?? ""}`);
      assertEquals(steps.at(-1), "POST ");
      assertEquals(steps.sort(), ["POST ", "POST ", "PUT 1", "PUT 2", "PUT 3"]);
      const stored = await (await storage.open("a.bin", "rb")).bytes();
      assert(stored.length === content.length && stored.every((byte, index) => byte === content[index]));
    },
  },
  {
    name: "close() of an empty file sends one PUT, and closing again sends nothing",
    async run(context): Promise<void> {
      const { storage, requests } = counting(context);
      const file = await storage.open("a.txt", "w");
      await file.close();
      await file.close();
      const written = await storage.open("b.txt", "w");
      await written.write("hello");
      await Promise.all([written.close(), written.close()]);
      await written.close();
      assertEquals(requests.map(({ method }) => method), ["PUT", "PUT"]);
    },
  },
  {
    name: "a block that throws aborts its multipart upload",
    async run({ open, peer }): Promise<void> {
      const storage = open(SMALL_PARTS);
      const seen = await warnings(async () => {
        const file = await storage.open("a.bin", "wb");
        assertEquals((await rejection(failingBlock(file, pattern(6 * MEBIBYTE)))).message, "the block's");
      });
      assertEquals(seen.length, 1);
      assertEquals([await storage.exists("a.bin"), await peer.openUploads(storage.location)], [false, []]);
    },
  },
  {
    name: "a part or a multipart upload that fails closes the file, aborts the upload and fails close()",
    async run(context): Promise<void> {
      const isPart = ({ url }: Request): boolean => new URL(url).searchParams.has("partNumber");
      const isBeginning = ({ url }: Request): boolean => new URL(url).searchParams.has("uploads");
      for (const fails of [isPart, isBeginning]) {
        const { storage } = counting(
          context,
          SMALL_PARTS,
          (request) => fails(request) ? new Response(FORBIDDEN, { status: 403 }) : undefined,
        );
        const file = await storage.open("a.bin", "wb");
        const failed = await rejection(file.write(pattern(6 * MEBIBYTE)).then(() => file.close()));
        assert(isStorageError(failed, "PermissionDenied"), String(failed));
        for (const call of [() => file.close(), () => file.write("more"), () => file.flush()]) {
          assertEquals(await refusal(call), failed);
        }
        assertEquals(file.closed, true);
        assertEquals(await storage.exists("a.bin"), false);
        assertEquals(await context.peer.openUploads(storage.location), []);
      }
    },
  },
  {
    name: "with gzip, a written file is compressed as a saved one is",
    async run({ open }): Promise<void> {
      const storage = open({ gzip: true });
      for (const name of ["a.css", "a.css.gz"]) {
        const file = await storage.open(name, "w");
        await file.write("a{}");
        await file.close();
      }
      const encodings = [
        (await storage.stat("a.css")).contentEncoding,
        (await storage.stat("a.css.gz")).contentEncoding,
      ];
      assertEquals(encodings, ["gzip", undefined]);
      assertEquals(await (await storage.open("a.css")).read(), "a{}");
    },
  },
];
