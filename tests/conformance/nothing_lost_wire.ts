/** Ways in which S3Storage could lose a file, or leave one, that it must not have on any server. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { handleUpload } from "../../src/upload/mod.ts";
import { isStorageError, type S3Storage } from "../../mod.ts";
import { deferred, pattern, rejection, type S3Case, type S3Context, streamOf } from "./case.ts";

const MEBIBYTE = 1024 * 1024;

/** How many writers work at the same time. More of them, and more often, are in `tests/clients/races_on_rgw_test.ts`. */
const WRITERS = 4;

const LARGE = 9 * MEBIBYTE;

/** Whether a storage has these bytes under a name. */
async function holds(storage: S3Storage, name: string, content: Uint8Array): Promise<boolean> {
  const stored = await (await storage.open(name, "rb")).bytes();
  return stored.byteLength === content.byteLength && stored.every((byte, index) => byte === content[index]);
}

/** Looks at a storage as others see it, until it is stopped: every file must have its full size. */
async function watch(storage: S3Storage, size: number, stopped: { now: boolean }): Promise<void> {
  while (!stopped.now) {
    for await (const entry of storage.list("", { recursive: true })) {
      assertEquals(entry.size, size, `${entry.name} is seen with a part of its bytes`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A storage whose responses to a write are held, or lost, once the server has stored the object. */
function openHeld(
  { peer, open }: S3Context,
  answered: (request: Request) => Promise<void>,
  options: Record<string, unknown> = {},
): S3Storage {
  const send = async (request: Request): Promise<Response> => {
    const { method, url } = request;
    const isWrite = method === "PUT" || (method === "POST" && /[?&]uploadId=/.test(url));
    const response = peer.settings.fetch === undefined ? await fetch(request) : await peer.settings.fetch(request);
    if (isWrite) await answered(request);
    return response;
  };
  return open({
    fetch: send,
    transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE },
    ...options,
  });
}

export const nothingLostWireCases: S3Case[] = [
  {
    name: "concurrent large saves with one name get different names, and no partial file is ever visible",
    async run({ open, peer }): Promise<void> {
      const storage = open({ fileOverwrite: false });
      const contents = Array.from({ length: WRITERS }, (_, index) => pattern(LARGE, index + 1));
      const stopped = { now: false };
      const watching = watch(storage, LARGE, stopped);
      const kinds = [
        (bytes: Uint8Array<ArrayBuffer>) => bytes,
        (bytes: Uint8Array<ArrayBuffer>) => streamOf(bytes, MEBIBYTE),
      ];
      const names = await Promise.all(contents.map((content, index) => {
        return storage.save("a.bin", kinds[index % kinds.length]!(content));
      })).finally(() => stopped.now = true);
      await watching;
      assertEquals(new Set(names).size, WRITERS, `no name is given twice: ${names}`);
      for (const [index, name] of names.entries()) assert(await holds(storage, name, contents[index]!), name);
      assertEquals((await storage.listdir(""))[1].toSorted(), names.toSorted());
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "a large save during an upload of the same name gets another name",
    async run({ open, peer }): Promise<void> {
      const storage = open({ fileOverwrite: false });
      const [ofStream, ofBytes] = [pattern(LARGE, 1), pattern(LARGE, 2)];
      const rest = deferred();
      const slow = (async function* (): AsyncGenerator<Uint8Array> {
        yield ofStream.subarray(0, LARGE - 1);
        await rest.promise;
        yield ofStream.subarray(LARGE - 1);
      })();
      const saving = storage.save("a.bin", slow);
      try {
        while ((await peer.openUploads(storage.location)).length === 0) {
          await new Promise((wait) => setTimeout(wait, 1));
        }
        const name = await storage.save("a.bin", ofBytes);
        rest.resolve();
        assert(await holds(storage, name, ofBytes) && await holds(storage, await saving, ofStream));
      } finally {
        rest.resolve();
      }
      assertEquals((await storage.listdir(""))[1].length, 2);
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "a large file is not replaced against its conditions, by a handle, a save or a copy",
    async run({ open, peer }): Promise<void> {
      const storage = open({ fileOverwrite: false });
      const [first, second] = [pattern(LARGE, 1), pattern(LARGE, 2)];
      await storage.save("a.bin", first, { contentType: "image/png", metadata: { owner: "ada" } });
      const { etag } = await storage.stat("a.bin");
      const file = await storage.open("a.bin", "wb");
      await rejection((async () => {
        for (let start = 0; start < LARGE; start += MEBIBYTE) {
          await file.write(second.subarray(start, start + MEBIBYTE));
        }
        await file.close();
      })());
      await file.abort();
      await rejection(storage.save("a.bin", second, { ifNoneMatch: "*" }));
      await rejection(storage.save("a.bin", streamOf(second, MEBIBYTE), { ifMatch: '"other"' }));
      assertEquals((await storage.stat("a.bin")).etag, etag);
      try {
        await storage.copy("a.bin", "copy.bin");
        await storage.save("second.bin", second);
        await rejection(storage.copy("second.bin", "copy.bin"));
        assert(await holds(storage, "copy.bin", first));
        const copied = await storage.stat("copy.bin");
        assertEquals([copied.contentType, copied.metadata], ["image/png", { owner: "ada" }]);
      } catch (error) {
        // An edge cannot send a stream of a known length.
        if (!isStorageError(error, "NotSupported")) throw error;
        assertEquals(await storage.exists("copy.bin"), false);
      }
      await storage.save("a.bin", second, { ifMatch: etag });
      assert(await holds(storage, "a.bin", second));
      const next = await storage.stat("a.bin");
      try {
        await storage.save("a.bin", streamOf(first, MEBIBYTE), { ifMatch: next.etag });
        assert(await holds(storage, "a.bin", first));
      } catch (error) {
        // Without temporary files a stream cannot wait to be sent in one request.
        if (!isStorageError(error, "NotSupported")) throw error;
        assert(await holds(storage, "a.bin", second));
      }
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "copy() and move() keep the ACL of the file",
    async run({ open, peer }): Promise<void> {
      for (const fileOverwrite of [true, false]) {
        const location = `acl-${crypto.randomUUID()}`;
        const storage = open({ location, fileOverwrite, querystringAuth: false });
        await open({ location, defaultAcl: "public-read" }).save("public.txt", "for everyone");
        await storage.save("private.txt", "for me");
        await storage.copy("public.txt", "copy.txt");
        await storage.move("public.txt", "moved.txt");
        await storage.copy("private.txt", "other.txt");
        const statuses: number[] = [];
        for (const name of ["copy.txt", "moved.txt", "other.txt"]) {
          const response = await peer.fetch(await storage.url(name));
          await response.body?.cancel();
          statuses.push(response.status);
        }
        assertEquals(statuses, [200, 200, 403]);
      }
    },
  },
  {
    name: "a save that is aborted after it was stored deletes a new file, and keeps one that replaced another",
    async run(context): Promise<void> {
      for (const size of [10, 6 * MEBIBYTE]) {
        const arrived = deferred();
        const held = deferred();
        let isLast = false;
        const storage = openHeld(context, async ({ method, url }) => {
          isLast = method === "POST" || !/[?&](partNumber|uploads)/.test(url);
          if (!isLast) return;
          arrived.resolve();
          await held.promise;
        });
        const plain = context.open({ location: storage.location });
        await plain.save("replaced.bin", "there before");
        const content = pattern(size);
        const stop = new AbortController();
        const saving = ["new.bin", "replaced.bin"].map((name) =>
          rejection(storage.save(name, content, { signal: stop.signal }))
        );
        await arrived.promise;
        const reason = new Error("changed my mind");
        // Both are or will be stored: the answers are sent only after the abort.
        setTimeout(() => {
          stop.abort(reason);
          setTimeout(held.resolve, 20);
        }, 50);
        for (const error of await Promise.all(saving)) assertStrictEquals(error, reason);
        const [, files] = await plain.listdir("");
        assertEquals(files.filter((name) => name !== "replaced.bin"), [], `${size} bytes`);
        assert(files.includes("replaced.bin"), "a file that replaced another is not removed");
        assertEquals(await context.peer.openUploads(storage.location), []);
      }
    },
  },
  {
    name: "a save whose answers are lost stores the file once, and succeeds",
    async run(context): Promise<void> {
      const storage = openHeld(context, () => Promise.reject(new TypeError("connection lost")), {
        fileOverwrite: false,
        clientConfig: { maxAttempts: 2 },
      });
      const name = await storage.save("a.txt", "stored");
      assertEquals([name, (await storage.listdir(""))[1]], ["a.txt", ["a.txt"]]);
      const body = new FormData();
      body.set("file", new File(["of the form"], "b.txt"));
      const request = new Request("http://localhost/", { method: "POST", body });
      const { files } = await handleUpload(storage, request);
      assertEquals([files.length, (await storage.listdir(""))[1].length], [1, 2]);
    },
  },
  {
    name: "a form that is aborted while its file is stored leaves no file",
    async run(context): Promise<void> {
      for (const onExisting of ["rename", "refuse", "replace"] as const) {
        const stop = new AbortController();
        const storage = openHeld(context, async () => {
          stop.abort(new Error("changed my mind"));
          await new Promise((resolve) => setTimeout(resolve, 20));
        });
        const body = new FormData();
        body.set("file", new File(["of the form"], "b.txt"));
        const request = new Request("http://localhost/", { method: "POST", body });
        await rejection(handleUpload(storage, request, { onExisting, signal: stop.signal }));
        assertEquals((await storage.listdir(""))[1], [], onExisting);
      }
    },
  },
];
