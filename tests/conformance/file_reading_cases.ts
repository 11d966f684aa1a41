/** Files open for reading; `tests/django_storages_behaviours.md` compares each case with django-storages. */
import { assert, assertEquals } from "@std/assert";
import { isStorageError, NotFoundError, type TextFile } from "../../mod.ts";
import { collect, pattern, rejection, type S3Case, type StorageCase } from "./case.ts";
import { endsIterables, takesIterables } from "./iterable_bodies.ts";
import { gzipped } from "./runtime_gzip.ts";
import { counting } from "./counted_requests.ts";

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** The error that a call throws or rejects with. */
export async function refusal(call: () => unknown): Promise<Error> {
  return await rejection(Promise.resolve().then(call));
}

export const fileReadingCases: StorageCase[] = [
  {
    name: "open() refuses every mode but r, rt, rb, w, wt and wb",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      for (const mode of ["r", "rt", "rb"] as const) {
        const file = await storage.open("a.txt", mode);
        assertEquals((await file.read()).length, 5);
        await file.close();
      }
      for (const mode of ["w", "wt", "wb"] as const) await (await storage.open(mode, mode)).close();
      for (const mode of ["rw", "wr", "r+", "rb+", "w+", "wb+", "a", "ab", "x", "", "b", "R"]) {
        const error = await rejection(storage.open("a.txt", mode as "r"));
        assertEquals([error.name, error.message.endsWith(`got "${mode}"`)], ["TypeError", true]);
      }
      assertEquals(await storage.size("a.txt"), 5);
    },
  },
  {
    name: "open() of a missing file reports the full key, with the location",
    async run(open): Promise<void> {
      const storage = open();
      for (const mode of ["r", "rb"] as const) {
        const error = await rejection(storage.open("no/such.txt", mode));
        assert(error instanceof NotFoundError);
        assertEquals(error.message, `File does not exist: ${error.key}`);
        assert(error.key?.endsWith(`${storage.location}no/such.txt`), error.key); // a backend may keep it elsewhere
      }
    },
  },
  {
    name: "an open file knows its name without the location, its mode and its size",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("dir/a.txt", "hello");
      const files = [
        await storage.open("dir/a.txt"),
        await storage.open("dir/a.txt", "rb"),
        await storage.open("b.txt", "wb"),
      ];
      assertEquals(files.map(({ name, mode, size, closed }) => [name, mode, size, closed]), [
        ["dir/a.txt", "r", 5, false],
        ["dir/a.txt", "rb", 5, false],
        ["b.txt", "w", 0, false],
      ]);
      for (const file of files) await file.close();
    },
  },
  {
    name: "mode r reads strict UTF-8 with universal newlines and keeps a byte order mark; rb reads bytes",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "line1\nline2\r\nmore\rtext");
      assertEquals(await (await storage.open("a.txt")).read(), "line1\nline2\nmore\ntext");
      assertEquals(await (await storage.open("a.txt", "rb")).read(), utf8("line1\nline2\r\nmore\rtext"));
      await storage.save("bom.txt", "\ufeffhé");
      assertEquals(await (await storage.open("bom.txt")).read(), "\ufeffhé");
      await storage.save("latin1.txt", new Uint8Array([0x68, 0xe9]));
      assert(await rejection((await storage.open("latin1.txt")).read()) instanceof TypeError);
    },
  },
  {
    name: "readline() splits bytes at \\n only, and text at \\n, \\r\\n and \\r",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "line1\nline2\r\nmore\rtext");
      const bytes = await storage.open("a.txt", "rb");
      const lines = [await bytes.readline(), await bytes.readline(), await bytes.readline(), await bytes.readline()];
      assertEquals(lines, ["line1\n", "line2\r\n", "more\rtext", ""].map(utf8));
      const text = await storage.open("a.txt");
      assertEquals(await text.readline(), "line1\n");
      assertEquals(await collect(text.lines()), ["line2\n", "more\n", "text"]);
      assertEquals(await text.readline(), "");
    },
  },
  {
    name: "lines() and chunks() continue from the current position",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "line1\nline2\r\nmore\rtext");
      const file = await storage.open("a.txt", "rb");
      assertEquals(await file.read(3), utf8("lin"));
      assertEquals(await collect(file.lines()), ["e1\n", "line2\r\n", "more\rtext"].map(utf8));
      await file.seek(19);
      assertEquals(await collect(file.chunks(2)), [utf8("ex"), utf8("t")]);
      await file.close();
    },
  },
  {
    name: "iterating a file yields its bytes and closes it",
    async run(open): Promise<void> {
      const storage = open();
      const content = pattern(200_000);
      await storage.save("a.bin", content);
      for (const mode of ["r", "rb"] as const) {
        const file = await storage.open("a.bin", mode);
        const chunks = await collect(file);
        assertEquals(new Uint8Array(await new Blob(chunks).arrayBuffer()), content);
        assertEquals(file.closed, true);
        const left = await storage.open("a.bin", mode);
        for await (const chunk of left) if (chunk.length > 0) break;
        assertEquals(left.closed, true);
      }
    },
  },
  {
    name: "reading a file open for writing, or writing one open for reading, throws Django's message",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      const reader = await storage.open("a.txt") as unknown as Record<string, () => unknown>;
      const writer = await storage.open("b.txt", "w") as unknown as Record<string, () => unknown>;
      for (const call of [() => reader.write!(), () => reader.writable]) {
        const { name, message } = await refusal(call);
        assertEquals([name, message], ["TypeError", "File was not opened in write mode."]);
      }
      const reads = [() => writer.read!(), () => writer.readline!(), () => writer.lines!(), () => writer.readable];
      for (const call of reads) {
        const { name, message } = await refusal(call);
        assertEquals([name, message], ["TypeError", "File was not opened in read mode."]);
      }
      await writer.abort!();
      await reader.close!();
    },
  },
  {
    name: "gzip is decompressed only with decompress: true, and size is the stored size",
    async run(open): Promise<void> {
      const storage = open();
      const packed = await gzipped("hé\r\n".repeat(50));
      await storage.save("a.txt", packed, { contentEncoding: "gzip" });
      assertEquals(await (await storage.open("a.txt", "rb", { decompress: false })).read(), packed);
      const raw = await storage.open("a.txt", "r", { decompress: false });
      assert(await rejection(raw.read()) instanceof TypeError);
      await raw.close();
      const text = await storage.open("a.txt", "r", { decompress: true });
      assertEquals([text.size, await text.read()], [packed.byteLength, "hé\n".repeat(50)]);
      const bytes = await storage.open("a.txt", "rb", { decompress: true });
      assertEquals([bytes.size, await bytes.read()], [packed.byteLength, utf8("hé\r\n".repeat(50))]);
    },
  },
  {
    name: "size is that of the file when it was opened, or the number of bytes written so far",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      const file = await storage.open("a.txt");
      await storage.save("a.txt", "hello world");
      assertEquals(file.size, 5);
      await file.close();
      const writer = await storage.open("b.txt", "w");
      assertEquals(writer.size, 0);
      await writer.write("hé");
      assertEquals(writer.size, 3);
      await writer.abort();
    },
  },
  {
    name: "a closed file refuses every read",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      const file = await storage.open("a.txt");
      assertEquals(file.closed, false);
      await file.close();
      await file.close();
      const reads: (() => unknown)[] = [
        () => file.read(),
        () => file.read(1),
        () => file.readline(),
        () => collect(file.lines()),
        () => collect(file.chunks()),
        () => file.text(),
        () => file.bytes(),
        () => file.json(),
        () => file.blob(),
        () => file.slice(),
        () => file.seek(0),
        () => file.readable,
        () => collect(file),
      ];
      for (const call of reads) {
        assertEquals((await refusal(call)).message, "Cannot read 'a.txt': the file is closed");
      }
      assertEquals(file.closed, true);
    },
  },
  {
    name: "open() on a file rewinds it, or opens a closed one again with its current content",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      const file: TextFile = await storage.open("a.txt");
      assertEquals(await file.read(3), "hel");
      assertEquals(await file.open(), file);
      assertEquals(await file.read(), "hello");
      await file.close();
      await storage.save("a.txt", "hello world");
      assertEquals(await file.open("r"), file);
      assertEquals([file.closed, file.size, await file.read()], [false, 11, "hello world"]);
      await file.close();
      await storage.delete("a.txt");
      assert(isStorageError(await rejection(file.open()), "NotFound"));
      assertEquals(file.closed, true);
    },
  },
  {
    name: "open() on a file refuses another mode",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      const files = [await storage.open("a.txt"), await storage.open("b.txt", "w")];
      for (const isClosed of [false, true]) {
        for (const file of files) {
          if (isClosed) await file.close();
          const { name, message } = await refusal(() => file.open(file.mode === "w" ? "r" : "rb"));
          assertEquals([name, message], ["TypeError", "Cannot reopen file with a new mode."]);
        }
      }
    },
  },
  {
    name: "a file, or its readable, can be the body of a Response and the content of save()",
    async run(open): Promise<void> {
      const storage = open();
      const content = "héllo\r\n".repeat(20_000);
      await storage.save("a.txt", content);
      const file = await storage.open("a.txt", "r");
      if (await takesIterables()) assertEquals([await new Response(file).text(), file.closed], [content, true]);
      else await file.close();
      const { readable } = await storage.open("a.txt", "r");
      assertEquals(await new Response(readable).text(), content);
      await storage.save("b.txt", await storage.open("a.txt", "r"));
      assertEquals(await (await storage.open("b.txt", "rb")).text(), content);
      const left = await storage.open("a.txt", "r");
      if (await takesIterables() && await endsIterables()) {
        await new Response(left).body!.cancel().catch(() => {}); // Deno 2.9 rejects here after it has released an iterable
        assertEquals(left.closed, true);
      } else {
        await left.readable.cancel();
        assertEquals(left.closed, true);
      }
    },
  },
  {
    name: "slice() reads any range, also concurrently, and does not move the position",
    async run(open): Promise<void> {
      const storage = open();
      const content = pattern(300_000);
      await storage.save("a.bin", content);
      for (const options of [{}, { spool: true }]) {
        const file = await storage.open("a.bin", "rb", options);
        assertEquals(await file.read(10), content.slice(0, 10));
        const wanted: [number?, number?][] = [
          [],
          [299_990],
          [-8],
          [-100, -90],
          [0, 4],
          [150_000, 160_000],
          [-400_000, 5],
          [299_999, 400_000],
          [300_000],
          [7, 7],
          [9, 3],
        ];
        const slices = await Promise.all(wanted.map(([start, end]) => file.slice(start, end)));
        assertEquals(slices, wanted.map(([start, end]) => content.slice(start, end)));
        assertEquals(await file.read(10), content.slice(10, 20));
        await file.close();
      }
    },
  },
];

/** Requests of files open for reading. */
export const fileReadingWireCases: S3Case[] = [
  {
    name: "open() for reading sends one GET with the read parameters, open() for writing nothing",
    async run(context): Promise<void> {
      const { storage, requests } = counting(context, { objectParameters: { RequestPayer: "requester" } });
      await storage.save("a.txt", "hello");
      requests.length = 0;
      const file = await storage.open("a.txt");
      assertEquals(requests.map(({ method }) => method), ["GET"]);
      assertEquals(requests[0]!.headers.get("x-amz-request-payer"), "requester");
      assertEquals([await file.read(2), await file.readline(), await file.read()], ["he", "llo", ""]);
      await file.close();
      const writer = await storage.open("b.txt", "w");
      await writer.abort();
      assertEquals(requests.length, 1);
    },
  },
  {
    name: "open() for reading throws other S3 errors unchanged",
    async run({ open }): Promise<void> {
      const storage = open({ secretKey: "not the secret" });
      const error = await rejection(storage.open("a.txt"));
      assert(isStorageError(error) && error.status === 403 && error.s3Code === "SignatureDoesNotMatch");
    },
  },
  {
    name: "a read after seek() and a slice() request only their range",
    async run(context): Promise<void> {
      const { storage, requests } = counting(context);
      const content = pattern(300_000);
      await storage.save("a.bin", content);
      requests.length = 0;
      const file = await storage.open("a.bin", "rb");
      await file.seek(200_000);
      assertEquals(await file.read(20), content.slice(200_000, 200_020));
      assertEquals(await file.slice(-8), content.slice(-8));
      assertEquals(await file.slice(1000, 2000), content.slice(1000, 2000));
      assertEquals(await file.read(20), content.slice(200_020, 200_040));
      await file.close();
      const ranges = requests.map(({ headers }) => headers.get("range"));
      assertEquals(ranges, [null, "bytes=200000-", "bytes=299992-299999", "bytes=1000-1999"]);
    },
  },
  {
    name: "with spool: true, seek() and slice() send no further request",
    async run(context): Promise<void> {
      const { storage, requests } = counting(context, { maxMemorySize: 400_000 });
      const content = pattern(300_000);
      await storage.save("a.bin", content);
      requests.length = 0;
      const file = await storage.open("a.bin", "rb", { spool: true });
      for (const position of [290_000, 10, 200_000, 0]) {
        await file.seek(position);
        assertEquals(await file.read(20), content.slice(position, position + 20));
      }
      assertEquals([await file.slice(-8), requests.length], [content.slice(-8), 1]);
      await file.close();
    },
  },
];
