import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AlreadyExistsError } from "../../mod.ts";
import { collect, pattern, rejection, type StorageCase, streamOf } from "./case.ts";

async function* chunks(): AsyncGenerator<Uint8Array | string> {
  yield "héllo ";
  yield await Promise.resolve(new Uint8Array([119, 111, 114, 108, 100]));
}

/** What `save` must do on any storage. */
export const savingCases: StorageCase[] = [
  {
    name: "a saved text is there, and reads back as it was",
    async run(open): Promise<void> {
      const storage = open();
      assertEquals(await storage.exists("hello.txt"), false);
      assertEquals(await storage.save("hello.txt", "storage contents"), "hello.txt");
      assertEquals(await storage.exists("hello.txt"), true);
      assertEquals(await (await storage.open("hello.txt")).read(), "storage contents");
    },
  },
  {
    name: "every kind of content can be saved",
    async run(open): Promise<void> {
      const storage = open();
      const bytes = new TextEncoder().encode("héllo world");
      const contents = {
        string: "héllo world",
        Uint8Array: bytes,
        "a view into a larger buffer": new Uint8Array([0, ...bytes, 0]).subarray(1, -1),
        ArrayBuffer: bytes.buffer,
        DataView: new DataView(bytes.buffer),
        Blob: new Blob([bytes]),
        File: new File([bytes], "hello.txt"),
        Request: new Request("http://localhost/", { method: "POST", body: bytes }),
        Response: new Response(bytes),
        ReadableStream: streamOf(bytes, 3),
        "async iterable": chunks(),
      };
      for (const [kind, content] of Object.entries(contents)) {
        await storage.save("content", content);
        assertEquals(await (await storage.open("content")).text(), "héllo world", kind);
      }
    },
  },
  {
    name: "empty content makes an empty file, whatever it comes in",
    async run(open): Promise<void> {
      const storage = open();
      for (const content of ["", new Uint8Array(0), new Blob([]), streamOf(new Uint8Array(0), 1), new Response(null)]) {
        await storage.save("empty", content);
        assertEquals(await storage.size("empty"), 0);
        assertEquals((await (await storage.open("empty", "rb")).bytes()).byteLength, 0);
      }
    },
  },
  {
    name: "a File brings its own name",
    async run(open): Promise<void> {
      const storage = open();
      assertEquals(await storage.save(undefined, new File(["x"], "own name.txt")), "own name.txt");
      assertEquals(await storage.exists("own name.txt"), true);
    },
  },
  {
    name: "the media type is the given one, else the content's own, else a guess from the name",
    async run(open): Promise<void> {
      const storage = open();
      const type = async (name: string, content: Blob | string, contentType?: string): Promise<string | undefined> => {
        await storage.save(name, content, { contentType });
        return (await storage.stat(name)).contentType;
      };
      assertEquals(await type("a.css", new Blob(["x"], { type: "text/x-own" }), "text/given"), "text/given");
      assertEquals(await type("a.css", new Blob(["x"], { type: "text/x-own" })), "text/x-own");
      assertEquals(await type("a.CSS", "x"), "text/css");
      assertEquals(await type("a", "x"), "application/octet-stream");
    },
  },
  {
    name: "what describes a file is kept with it",
    async run(open): Promise<void> {
      const storage = open();
      const description = {
        cacheControl: "max-age=60",
        contentDisposition: 'attachment; filename="x y.txt"',
        contentLanguage: "de",
        metadata: { owner: "ada", "two-words": "a b" },
      };
      await storage.save("a.txt", "hello", description);
      const { cacheControl, contentDisposition, contentLanguage, metadata } = await storage.stat("a.txt");
      assertEquals({ cacheControl, contentDisposition, contentLanguage, metadata }, description);
      const refused = await rejection(storage.save("b.txt", "hello", { metadata: { owner: "Ädä" } }));
      assertStringIncludes(refused.message, "Metadata.owner must be text in printable ASCII");
      assertEquals(await storage.exists("b.txt"), false);
    },
  },
  {
    name: "saving under a name that is taken replaces the file",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "a longer first content", { metadata: { old: "yes" } });
      assertEquals(await storage.save("a.txt", "second"), "a.txt");
      assertEquals(await (await storage.open("a.txt")).text(), "second");
      assertEquals((await storage.stat("a.txt")).metadata, {});
    },
  },
  {
    name: "without overwriting, a free name is found",
    async run(open): Promise<void> {
      const storage = open({ fileOverwrite: false });
      assertEquals(await storage.save("a/b.tar.gz", "first"), "a/b.tar.gz");
      const second = await storage.save("a/b.tar.gz", "second");
      assertMatch(second, /^a\/b\.tar_[A-Za-z0-9]{7}\.gz$/);
      assertEquals(await (await storage.open("a/b.tar.gz")).text(), "first");
      assertEquals(await (await storage.open(second)).text(), "second");
    },
  },
  {
    name: "many who save under one name at the same time all get one of their own",
    async run(open): Promise<void> {
      const storage = open({ fileOverwrite: false });
      const contents = Array.from({ length: 12 }, (_, index) => `content ${index}`);
      const names = await Promise.all(
        contents.map((content, index) =>
          storage.save("same.txt", index % 2 ? content : streamOf(new TextEncoder().encode(content), 4))
        ),
      );
      assertEquals(new Set(names).size, contents.length);
      for (const [index, name] of names.entries()) {
        assertEquals(await (await storage.open(name)).text(), contents[index]);
      }
    },
  },
  {
    name: "overwriting can be decided for one call",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "first");
      const other = await storage.save("a.txt", "second", { overwrite: false });
      assert(other !== "a.txt");
      await storage.save("a.txt", "third", { overwrite: true });
      assertEquals(await (await storage.open("a.txt")).text(), "third");
    },
  },
  {
    name: "a name that is too long is cut before its extension",
    async run(open): Promise<void> {
      const storage = open();
      assertEquals(await storage.save("a/bcd.txt", "x", { maxLength: 8 }), "a/bc.txt");
      assertEquals(await storage.exists("a/bc.txt"), true);
      const other = open({ fileOverwrite: false });
      await other.save("a.txt", "x");
      assertMatch(await other.save("a.txt", "x", { maxLength: 13 }), /^a_[A-Za-z0-9]{7}\.txt$/);
    },
  },
  {
    name: "a source that fails leaves nothing behind",
    async run(open): Promise<void> {
      const storage = open();
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(pattern(1000));
        throw new Error("the source broke");
      }
      assertStringIncludes((await rejection(storage.save("a.bin", failing()))).message, "the source broke");
      assertEquals(await collect(storage.list("", { recursive: true })), []);
    },
  },
  {
    name: "copying and moving do not overwrite where saving does not",
    async run(open): Promise<void> {
      const storage = open({ fileOverwrite: false });
      await storage.save("a.txt", "first");
      await storage.save("b.txt", "second");
      assert(await rejection(storage.copy("a.txt", "b.txt")) instanceof AlreadyExistsError);
      assert(await rejection(storage.move("a.txt", "b.txt")) instanceof AlreadyExistsError);
      assertEquals(await (await storage.open("b.txt")).text(), "second");
      assertEquals(await storage.exists("a.txt"), true);
    },
  },
];
