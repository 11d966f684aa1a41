/**
 * Section C of the behaviour catalogue of django-storages, files for reading: each case begins with the numbers of its
 * statements, and says whether it is kept or why it is different.
 */
import { assert, assertEquals } from "@std/assert";
import { isStorageError, NotFoundError, type TextFile } from "../../mod.ts";
import { collect, pattern, rejection, type S3Case, type StorageCase } from "./case.ts";
import { counting } from "./counted_requests.ts";

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** What a call throws, also one whose type says that it always does. */
export async function refusal(call: () => unknown): Promise<Error> {
  return await rejection(Promise.resolve().then(call));
}

export const catalogueReadingCases: StorageCase[] = [
  {
    name: "C1, different: a mode is r, rt, rb, w, wt or wb, and all others are refused; why: Django looks at the " +
      "letters r, w and b alone, so that 'r+' cannot write, 'w+' cannot read and 'a' can do neither",
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
    name: "C3, kept: opening what is not there to read says the full key, with the location",
    async run(open): Promise<void> {
      const storage = open();
      for (const mode of ["r", "rb"] as const) {
        const error = await rejection(storage.open("no/such.txt", mode));
        assert(error instanceof NotFoundError);
        assertEquals(error.message, `File does not exist: ${storage.location}no/such.txt`);
      }
    },
  },
  {
    name:
      "C4, kept: a file's name is without the location, and it knows its size; different: its mode is public; why: " +
      "so a file of a mode that is only known later tells what it can",
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
    name: "C7, kept: r reads strict UTF-8 with universal newlines and keeps a byte order mark, rb reads the bytes",
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
    name: "C8, kept: readline splits bytes on \\n only, and the lines of text on \\n, \\r\\n and \\r",
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
    name:
      "C8, different: lines() of bytes are those of readline(), and lines() and chunks() go on from the position; " +
      "why: Django splits the same bytes in two ways, and reads once more what was read",
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
    name: "C8, different: a file that is iterated by itself is a stream of its bytes; why: so it is a body",
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
    name: "C9, kept: a file for writing is not read and one for reading not written, in Django's words",
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
    name:
      "C10, kept: gzip is decompressed only where that is asked for, and the size is the stored one; different: r is " +
      "text then too; why: Django gives bytes, which is its bug #1526",
    async run(open): Promise<void> {
      const storage = open();
      const stream = new Blob(["hé\r\n".repeat(50)]).stream().pipeThrough(new CompressionStream("gzip"));
      const packed = new Uint8Array(await new Response(stream).arrayBuffer());
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
    name: "C11, kept: the size is that of the file as it was opened; different: of a file for writing it is what was " +
      "written; why: there is no file yet, and Django fails with S3's 404",
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
    name: "C12, different: a closed file stays closed and is not read; why: Django downloads it again without a word",
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
    name: "C13, kept: open() goes back to the beginning, and opens a closed file once more, as it is by then",
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
    name: "C13, kept: a closed file is not opened again in another mode; different: nor is an open one; why: Django " +
      "ignores the mode there",
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
    name: "a file can be handed to new Response, as it is or as its readable, and saved once more",
    async run(open): Promise<void> {
      const storage = open();
      const content = "héllo\r\n".repeat(20_000);
      await storage.save("a.txt", content);
      const file = await storage.open("a.txt", "r");
      assertEquals([await new Response(file).text(), file.closed], [content, true]);
      const { readable } = await storage.open("a.txt", "r");
      assertEquals(await new Response(readable).text(), content);
      await storage.save("b.txt", await storage.open("a.txt", "r"));
      assertEquals(await (await storage.open("b.txt", "rb")).text(), content);
      const left = await storage.open("a.txt", "r");
      await new Response(left).body!.cancel().catch(() => {}); // Deno 2.9 fails here after it has let go of any iterable
      assertEquals(left.closed, true);
    },
  },
  {
    name: "slices are had from anywhere, also side by side, and move no position",
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

/** What of it is to be seen on the wire. */
export const catalogueReadingWireCases: S3Case[] = [
  {
    name: "C2 and C5, different: opening to read sends one GET, with the parameters of reading, and reading sends no " +
      "more; why: Django sends two HEADs before it, and fetches all that it is not asked for; opening to write sends " +
      "nothing, as it does there",
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
    name: "C3, kept: what else S3 says to opening is thrown as it is",
    async run({ open }): Promise<void> {
      const storage = open({ secretKey: "not the secret" });
      const error = await rejection(storage.open("a.txt"));
      assert(isStorageError(error) && error.status === 403 && error.s3Code === "SignatureDoesNotMatch");
    },
  },
  {
    name:
      "C5, different: a read elsewhere and a slice are requests for a range; why: Django fetches the whole file first",
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
    name: "C6, different: a file that is read is kept only where that is asked for, beyond maxMemorySize in a file " +
      "without a name; why: Django keeps every file, in a folder where others can see it",
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
