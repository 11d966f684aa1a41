/** Writes that may be revoked: what they detect, delete and leave, with any permissions. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, PreconditionFailedError, type StorageError } from "../../../../src/errors.ts";
import type { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../../src/settings/options.ts";
import type { IdentifiedFile } from "../../../../src/storage/contract/saved_file.ts";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { patternBytes } from "../../random.ts";
import { s3On } from "../../storage/storages.ts";
import { errorAnswer, networkError, withoutWaiting } from "../../transport.ts";

type Answer = Response | undefined | Promise<Response | undefined>;
type Intercept = (request: Request, query: URLSearchParams, server: S3Server) => Answer;

function stage(intercept: Intercept, options: S3StorageOptions = {}): { storage: S3Storage; server: S3Server } {
  const server = createS3Server({ buckets: ["media"] });
  const fetch = async (request: Request): Promise<Response> =>
    await intercept(request, new URL(request.url).searchParams, server) ?? await server.fetch(request);
  return { server, storage: s3On({ fetch }, options) };
}

const names = (server: S3Server): string[] => server.objects("media").map(({ key }) => key);

/** 12 MiB in pieces: more than the buffer of a stream and one part. */
async function* large(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let index = 0; index < 12; index++) yield await Promise.resolve(patternBytes(1024 ** 2));
}

/** Adds the version ids of a versioned bucket to responses, and records deletions. */
function versioned(refused: boolean): { intercept: Intercept; deleted: (string | null)[] } {
  const deleted: (string | null)[] = [];
  let version = 0;
  return {
    deleted,
    intercept: async (request, query, server) => {
      if (request.method === "DELETE") {
        deleted.push(query.get("versionId"));
        return refused && query.has("versionId")
          ? errorAnswer(403, "AccessDenied")
          : new Response(null, { status: 204 });
      }
      const response = await server.fetch(request);
      const headers = new Headers(response.headers);
      if (request.method === "PUT") version++;
      headers.set("x-amz-version-id", `v${version}`);
      return new Response(response.body, { status: response.status, headers });
    },
  };
}

Deno.test("a version that replaced another is deleted by its version id, or not at all", async () => {
  for (const refused of [false, true]) {
    const { intercept, deleted } = versioned(refused);
    const { storage } = stage(intercept);
    await storage.save("keep.txt", "there before");
    const saved: IdentifiedFile[] = [];
    saved.push(await storage.save("keep.txt", "new", { identify: true }));
    assertEquals([saved[0]!.replaced, saved[0]!.versionId], [true, "v2"]);
    const removing = storage.delete("keep.txt", { ifMatch: saved[0] });
    if (refused) await assertRejects(() => removing);
    else await removing;
    assertEquals(deleted, ["v2"], "no marker hides the file that was there before");
  }
});

Deno.test("a new version that may not be deleted by its version id is deleted by its ETag", async () => {
  const { intercept, deleted } = versioned(true);
  const { storage } = stage(intercept);
  const saved: IdentifiedFile[] = [];
  saved.push(await storage.save("new.txt", "new", { identify: true }));
  await storage.delete("new.txt", { ifMatch: saved[0] });
  assertEquals(deleted, ["v1", null]);
});

Deno.test("move() deletes an object from before its bucket had versions", async () => {
  const { storage, server } = stage(async (request, _, inner) => {
    const response = await inner.fetch(request);
    if (request.method !== "HEAD") return response;
    const headers = new Headers(response.headers);
    headers.set("x-amz-version-id", "null");
    return new Response(null, { status: response.status, headers });
  });
  await storage.save("a.txt", "hello");
  await storage.move("a.txt", "b.txt");
  assertEquals(names(server), ["b.txt"]);
});

Deno.test("concurrent saves of the same bytes get different names, even if uploads may not be listed", async () => {
  const { storage, server } = stage(({ method }, query) => {
    return method === "GET" && query.has("uploadId") ? errorAnswer(403, "AccessDenied") : undefined;
  }, { fileOverwrite: false });
  const content = patternBytes(11 * 1024 ** 2);
  const saved = await Promise.all([1, 2, 3].map(() => storage.save("a.bin", content)));
  assertEquals([new Set(saved).size, names(server).length, server.openUploads("media")], [3, 3, []]);
  const exact = await Promise.allSettled([1, 2].map(() => storage.save("b.bin", content, { ifNoneMatch: "*" })));
  assertEquals(exact.filter(({ status }) => status === "fulfilled").length, 1);
});

Deno.test("a revocable save works if HEAD is denied or fails", async () => {
  for (const status of [400, 403, 405, 501]) {
    const { storage, server } = stage(({ method }) => method === "HEAD" ? new Response(null, { status }) : undefined);
    const saved: IdentifiedFile[] = [];
    const { signal } = new AbortController();
    saved.push(await storage.save("a.txt", "hello", { signal, identify: true }));
    assertEquals([saved[0]!.replaced, names(server)], [true, ["a.txt"]], `${status}: it may have replaced a file`);
  }
});

Deno.test("a large stream is saved if uploads cannot be listed, and leaves no upload open on failure", async () => {
  for (const status of [400, 403, 500, 501]) {
    const { storage, server } = stage(({ method }, query) => {
      return method === "GET" && query.has("uploads") ? errorAnswer(status, "NotImplemented") : undefined;
    }, { fileOverwrite: false });
    await withoutWaiting(() => storage.save("a.bin", large()));
    assertEquals([names(server), server.openUploads("media")], [["a.bin"], []], `${status}`);
  }
  const stop = new AbortController();
  const { storage, server } = stage(({ method }, query) => {
    if (method === "GET" && query.has("uploads")) stop.abort(new Error("changed my mind"));
    return undefined;
  }, { fileOverwrite: false });
  await assertRejects(() => storage.save("a.bin", large(), { signal: stop.signal }), Error, "changed my mind");
  assertEquals([names(server), server.openUploads("media")], [[], []]);
});

Deno.test("a large stream takes another name while an upload of its name is in progress, but not for an abandoned one", async () => {
  for (const age of [0, 2]) {
    let now = new Date("2026-11-28T12:00:00Z");
    const server = createS3Server({ buckets: ["media"], now: () => now });
    const storage = s3On(server, { fileOverwrite: false, now: () => now });
    await storage.uploads.create("a.bin", { parts: 1 });
    now = new Date(now.getTime() + age * 86_400_000);
    assertEquals(await storage.save("a.bin", large()) === "a.bin", age > 1);
  }
});

Deno.test("a write is looked for after a response of a proxy", async () => {
  const answers = [
    () => new Response("bad gateway", { status: 502 }),
    () => new Response("overloaded", { status: 503 }),
    () => new Response(null, { status: 499 }),
    () => new Response(null), // without an ETag
    networkError,
  ];
  for (const answer of answers) {
    const { storage, server } = stage(async (request, _, server) => {
      if (request.method !== "PUT") return undefined;
      await server.fetch(request);
      const given = answer();
      if (given instanceof Error) throw given;
      return given;
    }, { fileOverwrite: false, clientConfig: { maxAttempts: 1 } });
    assertEquals(await storage.save("a.txt", "hello"), "a.txt");
    assertEquals(names(server), ["a.txt"]);
  }
});

Deno.test("delete() with ifMatch sends the condition, and works without it if the service does not support it", async () => {
  const sent: (string | null)[] = [];
  const { storage, server } = stage(({ method, headers }) => {
    if (method !== "DELETE") return undefined;
    sent.push(headers.get("if-match"));
    return headers.has("if-match") ? errorAnswer(501, "NotImplemented") : undefined;
  });
  await storage.save("a.txt", "hello");
  const { etag } = await storage.stat("a.txt");
  await assertRejects(() => storage.delete("a.txt", { ifMatch: "" }), TypeError, "ifMatch must be");
  await assertRejects(() => storage.delete("a.txt", { ifMatch: '"other"' }), PreconditionFailedError);
  await storage.delete("a.txt", { ifMatch: etag });
  assertEquals([sent, names(server)], [[etag, null], []]);
});

Deno.test("a save that fails before it reads its source releases it", async () => {
  const { storage } = stage(() => undefined);
  for (
    const options of [{ metadata: { a: "ü" } }, { maxLength: 2 }, { signal: AbortSignal.abort(new Error("late")) }]
  ) {
    let isReleased = false;
    const source = new ReadableStream<Uint8Array>({ cancel: () => void (isReleased = true) }, { highWaterMark: 0 });
    const error = await assertRejects(() => storage.save("abc.txt", source, options)) as StorageError;
    assert(!(error instanceof NotFoundError));
    assertEquals(isReleased, true, `${error}`);
  }
});

Deno.test("a body is sent as often as any request if each attempt meets another write, under one name", async () => {
  const puts: string[] = [];
  const { storage, server } = stage(({ method, url }) => {
    if (method !== "PUT") return undefined;
    puts.push(new URL(url).pathname);
    return errorAnswer(409, "ConditionalRequestConflict");
  }, { fileOverwrite: false, clientConfig: { maxAttempts: 4 } });
  const error = await withoutWaiting(() =>
    assertRejects(() => storage.save("a.txt", "hello"), PreconditionFailedError)
  );
  assertEquals([error.s3Code, puts.length, new Set(puts).size], ["ConditionalRequestConflict", 4, 1]);
  assertEquals(names(server), []);
});
