// deno-lint-ignore-file no-console -- what the console says is part of what is tested
/**
 * Section C of the behaviour catalogue of django-storages, files for writing: each case begins with the number of its
 * statement, and says whether it is kept or why it is different.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isStorageError, type WriteFile } from "../../mod.ts";
import { collect, pattern, rejection, type S3Case, type StorageCase } from "./case.ts";
import { refusal } from "./catalogue_reading.ts";
import { counting } from "./counted_requests.ts";

const MEBIBYTE = 1024 * 1024;

const SMALL_PARTS = { transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE } };

const FORBIDDEN = "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";

/** Runs while console.warn is kept; returns what was warned of. */
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

/** A block that writes and throws before it closes the file: as with `await using`, for which Node 20 has no syntax. */
async function failingBlock(file: WriteFile, content: Uint8Array<ArrayBuffer> | string): Promise<void> {
  try {
    await file.write(content);
    throw new Error("the block's");
  } finally {
    await file[Symbol.asyncDispose]();
  }
}

export const catalogueWritingCases: StorageCase[] = [
  {
    name:
      "C13, different: a file that is being written is not opened again; why: Django overwrites what it has not sent " +
      "yet, and keeps what it has",
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
    name: "C14, kept: leaving its block lets a file go, and the same object can be opened and written again",
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
      await file.abort(new Error("given up"));
      assertEquals((await rejection(file.close())).message, "given up");
      await file.open();
      await new Blob(["third"]).stream().pipeTo(file.writable);
      assertEquals(await (await storage.open("a.txt")).read(), "third");
    },
  },
  {
    name:
      "C15, kept: text is written as UTF-8, bytes as they are, and their number comes back; different: all else is " +
      "refused; why: Django writes 'None' for None",
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
    name: "C18, kept: flush publishes nothing, and what is written after it is stored too",
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
    name:
      "C19 and C20, different: opening to write truncates, whether nothing or an empty text is written; why: Django " +
      "leaves an object alone that nothing was written to, unlike Python's own open, and S3 refuses its empty upload",
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
    name:
      "C22, different: there is no writelines; why: Django loses its lines, and a stream of them is stored by writable",
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
    name: "C23, different: a file for writing has no seek; why: Django's moves within what happens to be unsent",
    async run(open): Promise<void> {
      const file = await open().open("a.txt", "w");
      assertEquals(["seek" in file, "position" in file], [false, false]);
      await file.abort();
    },
  },
  {
    name:
      "C24, different: a block that throws publishes nothing, and what was there stays; why: Django publishes the " +
      "half that was written",
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

/** What of it is to be seen on the wire. */
export const catalogueWritingWireCases: S3Case[] = [
  {
    name:
      "C16, different: a small file is one PUT with its parameters, sent by close; why: Django sends three requests " +
      "for three bytes",
    async run(context): Promise<void> {
      const { storage, requests } = counting(context, { objectParameters: { CacheControl: "max-age=60" } });
      const file = await storage.open("dir/a.css", "w");
      await file.write("a{}");
      assertEquals(requests.length, 0);
      await file.close();
      assertEquals(requests.map(({ method, url }) => [method, url.search]), [["PUT", ""]]);
      const { contentType, cacheControl } = await storage.stat("dir/a.css");
      assertEquals([contentType, cacheControl], ["text/css", "max-age=60"]);
    },
  },
  {
    name:
      "C17, different: parts are of one size, are sent while more is written, and flush and close as C18 says; why: " +
      "Django makes one part of one write, however large, and sends one after the other",
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
    name: "C19, different: closing a file that nothing was written to is one PUT; why: Django asks first whether the " +
      "object is there; C21, different: closing it again sends nothing; why: Django asks once more",
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
    name: "C24, different: a block that throws aborts its upload; why: Django completes it",
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
    name:
      "C25, different: a part that fails closes the file and aborts its upload, and one that cannot begin fails to " +
      "close as well; why: Django leaves the parts behind, and closes the other without a word",
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
    name:
      "C26, different: with gzip a file that is written is compressed as a saved one is; why: Django stores what is " +
      "written as it is, and marks a name in .gz as encoded, which unpacks it on its way to a browser",
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
