/** Ways in which a file could be lost, or something else be stored in its place, that any storage must not have. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { handleUpload, UploadError } from "../../src/upload/mod.ts";
import {
  AlreadyExistsError,
  type IdentifiedFile,
  isStorageError,
  PreconditionFailedError,
  Storage,
} from "../../mod.ts";
import { BackendWrapper } from "../../src/storage/mod.ts";
import { deferred, pattern, rejection, type StorageCase, streamOf } from "./case.ts";
import { gzipped } from "./runtime_gzip.ts";

/** How many writers work at the same time. */
const WRITERS = 12;

/** A Blob that tells another size than it has bytes, as files of `/proc` and files of Bun do. */
class MissizedBlob extends Blob {
  readonly #size: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, size: number) {
    super([bytes]);
    this.#size = size;
  }

  override get size(): number {
    return this.#size;
  }
}

async function bytesOf(storage: Storage, name: string): Promise<Uint8Array> {
  return await (await storage.open(name, "rb")).bytes();
}

async function textOf(storage: Storage, name: string): Promise<string> {
  return await (await storage.open(name)).text();
}

/** A form with one file, whose body ends where the caller says. */
function formOf(name: string, content: string, ending: () => Promise<void> = () => Promise.resolve()): Request {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  let turn = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      if (turn++ === 0) {
        const head = `--b\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n${content}\r\n--b`;
        // The head of a second part tells that the first one has ended.
        return controller.enqueue(encode(`${head}\r\ncontent-disposition: form-data; name="rest"\r\n\r\n`));
      }
      await ending();
      controller.enqueue(encode("\r\n--b--\r\n"));
      controller.close();
    },
  }, { highWaterMark: 0 });
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  return new Request("http://localhost/", { method: "POST", headers, body, duplex: "half" } as RequestInit);
}

/** Resolves once the storage has what is waited for. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export const nothingLostCases: StorageCase[] = [
  {
    name: "save() stores all bytes of a Blob with a wrong size",
    async run(open): Promise<void> {
      const storage = open();
      const content = pattern(100_000);
      for (const size of [0, NaN, Infinity, 1.5, -1]) {
        const blob = new MissizedBlob(content, size);
        if (blob.size !== size && !Number.isNaN(size)) continue; // this runtime's Blobs cannot be given another size
        await storage.save("a.bin", blob);
        assertEquals((await bytesOf(storage, "a.bin")).byteLength, content.byteLength, `size ${size}`);
      }
      await storage.save("empty.bin", new Blob([]));
      assertEquals(await storage.size("empty.bin"), 0);
    },
  },
  {
    name: "save() of an unreadable or consumed source keeps the old file",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("keep.txt", "kept");
      const failing = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("no such file")) });
      assertEquals((await rejection(storage.save("keep.txt", failing))).message, "no such file");
      const used = streamOf(pattern(10), 5);
      const reader = used.getReader();
      while (!(await reader.read()).done);
      reader.releaseLock();
      assert(await rejection(storage.save("keep.txt", used)) instanceof TypeError);
      const detached = new Uint8Array(3);
      structuredClone(detached.buffer, { transfer: [detached.buffer] });
      for (const content of [detached, detached.buffer]) {
        assert(await rejection(storage.save("keep.txt", content)) instanceof TypeError);
      }
      assertEquals(await textOf(storage, "keep.txt"), "kept");
    },
  },
  {
    name: "save() uses the Content-Encoding of a message only if the bytes match",
    async run(open): Promise<void> {
      const storage = open();
      const headers = { "content-encoding": "gzip", "content-type": "text/plain" };
      await storage.save("plain.txt", new Response("decoded already", { headers }));
      await storage.save("packed.txt", new Response(await gzipped("hello"), { headers }));
      await storage.save("request.txt", new Request("http://localhost", { method: "POST", body: "plain", headers }));
      const encodings = ["plain.txt", "packed.txt", "request.txt"].map(async (name) =>
        (await storage.stat(name)).contentEncoding
      );
      assertEquals(await Promise.all(encodings), [undefined, "gzip", undefined]);
      assertEquals([await textOf(storage, "plain.txt"), await textOf(storage, "request.txt")], [
        "decoded already",
        "plain",
      ]);
    },
  },
  {
    name: "save() of an opened file keeps its description and its gzip encoding",
    async run(open): Promise<void> {
      const [from, to] = [open(), open()];
      const described = {
        contentType: "image/png",
        cacheControl: "max-age=60",
        contentDisposition: "inline",
        contentLanguage: "de",
        metadata: { owner: "ada" },
      };
      await from.save("a.txt", "hello", described);
      await from.save("b.txt", await gzipped("packed"), { contentType: "text/plain", contentEncoding: "gzip" });
      await to.save("a.txt", await from.open("a.txt", "rb"));
      await to.save("own.txt", await from.open("a.txt"), { cacheControl: "no-store", metadata: {} });
      await to.save("b.txt", await from.open("b.txt", "rb"));
      await to.save("unpacked.txt", await from.open("b.txt", "rb", { decompress: true }));
      const { contentType, cacheControl, contentDisposition, contentLanguage, metadata } = await to.stat("a.txt");
      assertEquals({ contentType, cacheControl, contentDisposition, contentLanguage, metadata }, described);
      const own = await to.stat("own.txt");
      assertEquals([own.contentType, own.cacheControl, own.metadata], ["image/png", "no-store", {}]);
      const packed = await to.stat("b.txt");
      assertEquals([packed.contentType, packed.contentEncoding], ["text/plain", "gzip"]);
      assertEquals(await (await to.open("b.txt", "r", { decompress: true })).text(), "packed");
      assertEquals((await to.stat("unpacked.txt")).contentEncoding, undefined);
      assertEquals(await textOf(to, "unpacked.txt"), "packed");
      const read = await from.open("a.txt", "rb");
      await read.read(2);
      await to.save(undefined, read); // from its beginning, under its name
      assertEquals(await textOf(to, "a.txt"), "hello");
    },
  },
  {
    name: "concurrent move() of many files to one name moves one and keeps the others",
    async run(open): Promise<void> {
      const storage = open({ fileOverwrite: false });
      const names = Array.from({ length: WRITERS }, (_, index) => `${index}.txt`);
      for (const name of names) await storage.save(name, name);
      const moved = await Promise.allSettled(names.map((name) => storage.move(name, "target.txt")));
      assertEquals(moved.filter(({ status }) => status === "fulfilled").length, 1);
      for (const one of moved) {
        if (one.status === "rejected") assert(one.reason instanceof AlreadyExistsError, String(one.reason));
      }
      const winner = await textOf(storage, "target.txt");
      assertEquals(
        (await storage.listdir(""))[1].toSorted(),
        [...names.filter((name) => name !== winner), "target.txt"].toSorted(),
      );
    },
  },
  {
    name: "concurrent copy() and save() to one name replace nothing",
    async run(open): Promise<void> {
      const storage = open({ fileOverwrite: false });
      await storage.save("source.txt", "copied");
      const saves = Array.from({ length: 6 }, (_, index) => storage.save("target.txt", `saved ${index}`));
      const copies = Array.from({ length: 6 }, () => storage.copy("source.txt", "target.txt").then(() => "target.txt"));
      const done = await Promise.allSettled([...saves, ...copies]);
      const given = done.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
      assertEquals(new Set(given).size, given.length, `no name is given twice: ${given}`);
      assert(done.slice(0, 6).every(({ status }) => status === "fulfilled"), "each save finds a name");
      assertEquals((await storage.listdir(""))[1].toSorted(), [...given, "source.txt"].toSorted());
    },
  },
  {
    name: "move() keeps a file that was saved under the old name meanwhile, and reports it",
    async run(open): Promise<void> {
      const plain = open();
      await plain.save("old.txt", "first");
      /** As if another writer came between the copy and the deletion. */
      class Disturbed extends BackendWrapper {
        #isDisturbed = false;
        override async delete(...args: Parameters<BackendWrapper["delete"]>): Promise<void> {
          if (!this.#isDisturbed) await plain.save("old.txt", "saved meanwhile");
          this.#isDisturbed = true;
          await super.delete(...args);
        }
      }
      const storage = new Storage(new Disturbed(plain.backend), plain);
      const error = await rejection(storage.move("old.txt", "new.txt"));
      assert(error instanceof PreconditionFailedError, String(error));
      assertStringIncludes(error.message, "Cannot delete 'old.txt'");
      assertEquals([await textOf(storage, "old.txt"), await textOf(storage, "new.txt")], ["saved meanwhile", "first"]);
      await storage.move("old.txt", "new.txt");
      assertEquals([await storage.exists("old.txt"), await textOf(storage, "new.txt")], [false, "saved meanwhile"]);
    },
  },
  {
    name: "delete() with ifMatch removes only the file with that ETag",
    async run(open): Promise<void> {
      const storage = open();
      const saved: IdentifiedFile[] = [];
      saved.push(await storage.save("a.txt", "same bytes", { identify: true }));
      const { etag } = await storage.stat("a.txt");
      assertEquals([saved[0]!.name, saved[0]!.etag, saved[0]!.replaced], ["a.txt", etag, false]);
      saved.push(await storage.save("a.txt", "same bytes", { identify: true }));
      assertEquals(saved[1]!.replaced, true);
      assert(await rejection(storage.delete("a.txt", { ifMatch: saved[0] })) instanceof PreconditionFailedError);
      assert(await rejection(storage.delete("a.txt", { ifMatch: '"other"' })) instanceof PreconditionFailedError);
      assertEquals(await storage.exists("a.txt"), true);
      await storage.delete("a.txt", { ifMatch: saved[1] });
      assertEquals(await storage.exists("a.txt"), false);
      await storage.delete("a.txt", { ifMatch: saved[1] }); // one that is not there counts as removed
    },
  },
  {
    name: "a failing handleUpload() removes only files of its own form",
    async run(open): Promise<void> {
      for (const content of ["of B", "of A"]) { // other bytes, and the same
        const storage = open();
        const options = { onExisting: "replace" } as const;
        const ending = deferred();
        const first = handleUpload(storage, formOf("report.pdf", "of A", () => ending.promise), options);
        let hasEnded = false; // too early
        const failed = rejection(first).finally(() => hasEnded = true);
        await until(async () => hasEnded || await storage.exists("report.pdf"));
        await handleUpload(storage, formOf("report.pdf", content), options);
        ending.reject(new Error("the client left"));
        await failed;
        assertEquals(await textOf(storage, "report.pdf"), content);
      }
      const storage = open();
      await storage.save("taken.pdf", "there before");
      for (const [name, left] of [["taken.pdf", "of A"], ["new.pdf", undefined]] as const) {
        const error = await rejection(
          handleUpload(storage, formOf(name, "of A", () => Promise.reject(new Error("the client left"))), {
            onExisting: "replace",
          }),
        );
        assertMatch(String(error), /the client left|Malformed|UploadError/);
        assertEquals(await storage.exists(name), left !== undefined, name);
        if (left !== undefined) assertEquals(await textOf(storage, name), left);
      }
      const limited = handleUpload(storage, formOf("rest.pdf", "x".repeat(100)), { maxFileBytes: 10 });
      assert(await rejection(limited) instanceof UploadError);
      assertEquals((await storage.listdir(""))[1], ["taken.pdf"]);
    },
  },
  {
    name: "copy() and move() refuse an existing target, unless onExisting is replace",
    async run(open): Promise<void> {
      const storage = open({ fileOverwrite: false });
      await storage.save("a.txt", "of a");
      await storage.save("b.txt", "of b");
      for (const operation of ["copy", "move"] as const) {
        assert(isStorageError(await rejection(storage[operation]("a.txt", "b.txt")), "AlreadyExists"));
      }
      assertEquals([await textOf(storage, "a.txt"), await textOf(storage, "b.txt")], ["of a", "of b"]);
      await storage.copy("a.txt", "b.txt", { onExisting: "replace" });
      assertEquals([await textOf(storage, "a.txt"), await textOf(storage, "b.txt")], ["of a", "of a"]);
    },
  },
];
