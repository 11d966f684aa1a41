import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  ConnectionError,
  NotFoundError,
  PreconditionFailedError,
  ServiceError,
  StorageError,
  TimeoutError,
} from "../../../../src/errors.ts";
import type { S3Client } from "../../../../src/client/s3_client.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../../src/settings/options.ts";
import { openTranscoded } from "../../../../src/s3/transcoded_source.ts";
import { readObject } from "../../../../src/transfer/read/object_reader.ts";
import { patternBytes, SeededRandom } from "../../random.ts";
import { clientOn, errorAnswer, networkError, withoutWaiting } from "../../transport.ts";
import { type AnswerPlan, RangeServer } from "../range_server.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const BYTES = patternBytes(1000);

async function readWith(client: S3Client): Promise<Uint8Array> {
  const { body } = await readObject(client, TARGET);
  return await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
}

/** Reads all bytes; at the end nothing may be open. */
async function readAll(server: RangeServer, options: S3StorageOptions = {}): Promise<Uint8Array> {
  return await withoutWaiting(async () => {
    const bytes = await readWith(clientOn(server, options));
    assertEquals(server.openBodies, 0);
    return bytes;
  });
}

async function failure(server: RangeServer, options: S3StorageOptions = {}): Promise<unknown> {
  const error = await readAll(server, options).then(() => undefined, (error) => error);
  assertEquals(server.openBodies, 0);
  return error;
}

for (const how of ["fail", "end", "stall"] as const) {
  const name = { fail: "breaks", end: "ends early", stall: "stalls" }[how];
  Deno.test(`a body that ${name} resumes at the next byte of the same object`, async () => {
    const server = new RangeServer(BYTES, (request) => [{ breakAfter: 137, how }, { breakAfter: 300, how }][request]);
    assertEquals(await readAll(server, { clientConfig: { timeout: 0.02 } }), BYTES);
    assertEquals(server.asked, ["null null", 'bytes=137- "first"', 'bytes=437- "first"']);
    assertEquals(server.givenBytes, BYTES.byteLength);
  });

  Deno.test(`a body that ${name} after its last byte is complete`, async () => {
    const server = new RangeServer(BYTES, () => ({ breakAfter: 1000, how }));
    assertEquals(await readAll(server, { clientConfig: { timeout: 0.02 } }), BYTES);
    assertEquals(server.asked.length, 1);
  });

  Deno.test(`a body that always ${name} immediately throws after maxAttempts`, async () => {
    const server = new RangeServer(BYTES, () => ({ breakAfter: 0, how }));
    const error = await failure(server, { clientConfig: { timeout: 0.02, maxAttempts: 4 } });
    assert(error instanceof (how === "stall" ? TimeoutError : ConnectionError), `${error}`);
    assertEquals([error.operation, error.bucket, error.key], ["GetObject", "bucket", "a.bin"]);
    assertEquals(server.asked.length, 4);
  });
}

Deno.test("with maxAttempts 1 no body resumes", async () => {
  const server = new RangeServer(BYTES, () => ({ breakAfter: 137 }));
  assert(await failure(server, { clientConfig: { maxAttempts: 1 } }) instanceof ConnectionError);
  assertEquals(server.asked.length, 1);
});

Deno.test("a body that makes progress may break more often than maxAttempts", async () => {
  const server = new RangeServer(BYTES, () => ({ breakAfter: 40 }));
  assertEquals(await readAll(server, { clientConfig: { maxAttempts: 2 } }), BYTES);
  assertEquals([server.asked.length, server.givenBytes], [25, 1000]);
});

Deno.test("consecutive failures of responses and of bodies count together", async () => {
  const plans: AnswerPlan[] = [
    { breakAfter: 500 },
    { instead: networkError() },
    { breakAfter: 0 },
    { instead: errorAnswer(503, "SlowDown") },
  ];
  const after = (request: number): AnswerPlan | undefined => plans[request];
  assertEquals(await readAll(new RangeServer(BYTES, after), { clientConfig: { maxAttempts: 5 } }), BYTES);
  const server = new RangeServer(BYTES, after);
  const error = await failure(server, { clientConfig: { maxAttempts: 4 } });
  assert(error instanceof StorageError);
  assertEquals([server.asked.length, error.attempts, error.code], [4, 4, "Throttled"]);
});

Deno.test("bodies that bring few bytes exhaust the retry budget", async () => {
  const server = new RangeServer(BYTES, () => ({ breakAfter: 1 }), 1);
  assert(await failure(server) instanceof ConnectionError);
  assertEquals(server.asked.length, 101); // 100 retries with 5 tokens each
});

Deno.test("bodies that bring a mebibyte earn their retries back", async () => {
  const mebibyte = 1024 ** 2;
  const bytes = new Uint8Array(150 * mebibyte);
  const server = new RangeServer(bytes, () => ({ breakAfter: mebibyte }), mebibyte);
  assertEquals((await readAll(server)).byteLength, bytes.byteLength);
  assertEquals(server.asked.length, 150);
});

for (
  const [what, change] of [
    ["of another size", (server: RangeServer): void => void (server.bytes = patternBytes(1100))],
    ["of the same size", (server: RangeServer): void => void (server.bytes = patternBytes(1000).reverse())],
  ] as const
) {
  for (const ignoresCondition of [false, true]) {
    const service = ignoresCondition ? "a service that does not mind conditions" : "the service";
    Deno.test(`an object that changes to one ${what} while it is read from ${service} throws`, async () => {
      const server: RangeServer = new RangeServer(BYTES, (request) => {
        if (request === 0) return { breakAfter: 137 };
        change(server);
        server.etag = '"second"';
        return { ignoresCondition };
      });
      const error = await failure(server);
      assert(error instanceof PreconditionFailedError, `${error}`);
      assertEquals([server.asked.length, server.givenBytes, error.key], [2, 137, "a.bin"]);
    });
  }
}

Deno.test("an object with the same ETag and another size is another object", async () => {
  const server: RangeServer = new RangeServer(BYTES, (request) => {
    if (request === 0) return { breakAfter: 137 };
    server.bytes = patternBytes(1100);
  });
  assert(await failure(server) instanceof PreconditionFailedError);
});

Deno.test("an object that is deleted while it is read throws", async () => {
  const gone = errorAnswer(404, "NoSuchKey");
  const server = new RangeServer(BYTES, (request) => request === 0 ? { breakAfter: 137 } : { instead: gone });
  assert(await failure(server) instanceof NotFoundError);
});

Deno.test("a service that responds with the whole object instead of a range throws", async () => {
  const server = new RangeServer(BYTES, (request) => request === 0 ? { breakAfter: 137 } : { ignoresRange: true });
  const error = await failure(server);
  assert(error instanceof ServiceError && error.message.includes("not the requested range"), `${error}`);
  assertEquals([server.asked.length, server.givenBytes], [2, 137]);
});

for (const etag of ["", 'W/"weak"']) {
  Deno.test(`without a strong ETag (${etag || "none"}) a break throws, since the object could be another one`, async () => {
    const server = new RangeServer(BYTES, () => ({ breakAfter: 137, headers: { etag } }));
    assert(await failure(server) instanceof ConnectionError);
    const cut = new RangeServer(BYTES, () => ({ breakAfter: 137, how: "end", headers: { etag } }));
    const error = await failure(cut);
    assert(error instanceof ConnectionError && error.message === "GetObject ended 863 bytes early", `${error}`);
    assertEquals([server.asked.length, cut.asked.length], [1, 1]);
    assertEquals(await readAll(new RangeServer(BYTES, () => ({ headers: { etag } }))), BYTES);
  });
}

Deno.test("a truncated body without a length is detected by its range", async () => {
  const server = new RangeServer(
    BYTES,
    (request) => request < 2 ? { breakAfter: 200, how: "end", headers: { "content-length": "" } } : undefined,
  );
  const storage = new S3Storage({ bucketName: "b", accessKey: "a", secretKey: "s", fetch: server.fetch });
  const { body } = await withoutWaiting(() =>
    readObject(clientOn(server), { ...TARGET, start: 100, sameAs: { etag: '"first"', size: 1000 } })
  );
  const bytes = await withoutWaiting(() => new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).bytes());
  assertEquals(bytes, BYTES.slice(100));
  assertEquals(server.asked, ['bytes=100- "first"', 'bytes=300- "first"', 'bytes=500- "first"']);
  assertEquals(await (await storage.open("a.bin", "rb")).bytes(), BYTES);
});

Deno.test("shorter ranges than requested are joined", async () => {
  const server = new RangeServer(BYTES, (request) => request === 0 ? { breakAfter: 100 } : { most: 300 });
  assertEquals(await readAll(server), BYTES);
  assertEquals(server.asked.slice(1), ['bytes=100- "first"', 'bytes=400- "first"', 'bytes=700- "first"']);
});

Deno.test("more bytes than announced throw", async () => {
  const server = new RangeServer(BYTES, () => ({ headers: { "content-length": "990" } }));
  const error = await failure(server);
  assert(error instanceof ServiceError && error.message.includes("longer than announced"), `${error}`);
});

Deno.test("a body that the runtime decodes does not resume, since its offsets are unknown", async () => {
  const headers = { "content-encoding": "gzip" };
  const server = new RangeServer(BYTES, () => ({ breakAfter: 137, headers }));
  await withoutWaiting(async () => {
    const source = await openTranscoded(clientOn(server), TARGET);
    const body = await source.open(0) as ReadableStream<Uint8Array<ArrayBuffer>>;
    await assertRejects(() => new Response(body).bytes(), ConnectionError);
  });
  assertEquals([server.asked.length, server.openBodies], [1, 0]);
});

Deno.test("no bytes are requested ahead of reading", async () => {
  const server = new RangeServer(BYTES, (request) => request === 0 ? { breakAfter: 25 } : undefined);
  await withoutWaiting(async () => {
    const { body } = await readObject(clientOn(server), TARGET);
    const reader = body.getReader();
    assertEquals(server.givenBytes, 0);
    for (const given of [10, 20, 25, 35]) {
      await reader.read();
      assertEquals(server.givenBytes, given);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(server.givenBytes, 35);
    await reader.cancel();
  });
  assertEquals(server.openBodies, 0);
});

/** Ends a read in the given way once its second request has reached `moment`. */
async function endedWhile(
  moment: "the pause" | "the request" | "the body",
  end: (reader: ReadableStreamDefaultReader, stop: AbortController) => Promise<unknown>,
): Promise<RangeServer> {
  let answer = (): void => {};
  const after = new Promise<void>((resolve) => answer = resolve);
  const server = new RangeServer(
    BYTES,
    (request) =>
      request === 0 ? { breakAfter: 10 } : moment === "the request" ? { after } : { breakAfter: 0, how: "stall" },
  );
  const stop = new AbortController();
  const random = Math.random;
  Math.random = () => moment === "the pause" ? 1 : 0; // a pause of 100 ms, or none
  try {
    const { body } = await readObject(clientOn(server), { ...TARGET, signal: stop.signal });
    const reader = body.getReader();
    await reader.read();
    const reading = reader.read().catch((error) => error);
    while (server.asked.length < (moment === "the pause" ? 1 : 2)) await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await end(reader, stop);
    await reading;
    answer();
    await new Promise((resolve) => setTimeout(resolve, 120)); // longer than the pause
  } finally {
    Math.random = random;
  }
  assertEquals(server.openBodies, 0);
  assertEquals(server.asked.length, moment === "the pause" ? 1 : 2);
  return server;
}

for (const moment of ["the pause", "the request", "the body"] as const) {
  Deno.test(`cancelling during ${moment} of resuming leaves nothing open`, async () => {
    await endedWhile(moment, (reader) => reader.cancel("enough"));
  });

  Deno.test(`a signal during ${moment} of resuming ends the read with its reason, and leaves nothing open`, async () => {
    const reason = new Error("changed my mind");
    await endedWhile(moment, async (reader, stop) => {
      stop.abort(reason);
      assertStrictEquals(await reader.read().catch((error) => error), reason);
    });
  });
}

Deno.test("cancelling at any moment of a broken read leaves nothing open", async () => {
  for (const answered of [false, true]) {
    for (let turns = 0; turns < 60; turns++) {
      const { promise: after, resolve: answer } = Promise.withResolvers<void>();
      const server = new RangeServer(BYTES, (request) => request === 0 ? { breakAfter: 10 } : { after });
      await withoutWaiting(async () => {
        const reader = (await readObject(clientOn(server), TARGET)).body.getReader();
        await reader.read();
        const reading = reader.read().catch(() => {});
        while (answered && server.asked.length < 2) await new Promise((resolve) => setTimeout(resolve));
        answer();
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        await reader.cancel();
        await reading;
        await new Promise((resolve) => setTimeout(resolve, 2));
      });
      assertEquals(server.openBodies, 0, `after ${turns} turns`);
    }
  }
});

Deno.test("cancelling does not spend the retry budget", async () => {
  const server = new RangeServer(
    BYTES,
    (request) => request < 200 ? { how: "stall", breakAfter: 10 } : request < 210 ? { breakAfter: 10 } : undefined,
  );
  const client = clientOn(server);
  for (let read = 0; read < 200; read++) {
    const reader = (await readObject(client, TARGET)).body.getReader();
    await reader.read();
    const reading = reader.read();
    await new Promise((resolve) => setTimeout(resolve)); // it waits forever
    await reader.cancel();
    await reading;
  }
  assertEquals(await withoutWaiting(async () => await readWith(client)), BYTES);
});

Deno.test("an object that is read to its end earns its retries back, even if it is small", async () => {
  const server = new RangeServer(BYTES, (request) => request % 2 === 0 ? { breakAfter: 10 } : undefined);
  const client = clientOn(server);
  await withoutWaiting(async () => {
    for (let read = 0; read < 150; read++) assertEquals(await readWith(client), BYTES);
  });
});

Deno.test("every read of a storage resumes: handles, streams, seeks, gzip and spooled", async () => {
  const text = "storage contents\n".repeat(2000);
  const packed = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  const random = new SeededRandom(11);
  const breaking = (bytes: Uint8Array<ArrayBuffer>): RangeServer =>
    new RangeServer(
      bytes,
      () => ({ breakAfter: 1 + random.below(bytes.byteLength), how: random.pick(["fail", "end"]) }),
    );
  const on = (server: RangeServer): S3Storage =>
    new S3Storage({
      bucketName: "bucket",
      accessKey: "a",
      secretKey: "s",
      fetch: async (request) =>
        request.method === "HEAD"
          ? new Response(null, { headers: { etag: '"first"', "content-length": "9", "content-encoding": "gzip" } })
          : await server.fetch(request),
    });
  await withoutWaiting(async () => {
    const [plain, gzip] = [breaking(new TextEncoder().encode(text)), breaking(packed)];
    assertEquals(await (await on(plain).open("a.txt")).read(), text);
    assertEquals(await new Response((await on(plain).open("a.txt", "rb")).readable).text(), text);
    const file = await on(plain).open("a.txt", "r", { spool: true });
    await file.seek(17 * 1000 + 8);
    assertEquals(await file.read(8), "contents");
    await file.close();
    const sought = await on(plain).open("a.txt");
    await sought.seek(17 * 1000);
    assertEquals((await sought.text()).length, 17 * 1000);
    assertEquals(await (await on(gzip).open("a.txt", "r", { decompress: true })).read(), text);
  });
});

Deno.test("a seek in an object that changed throws, even if the service ignores conditions", async () => {
  const server: RangeServer = new RangeServer(BYTES, () => ({ ignoresCondition: true }));
  const storage = new S3Storage({ bucketName: "b", accessKey: "a", secretKey: "s", fetch: server.fetch });
  await using file = await storage.open("a.bin", "rb");
  await file.read(10);
  server.etag = '"second"';
  await file.seek(500);
  await assertRejects(() => file.read(10), PreconditionFailedError, "Object changed while it was read: a.bin");
});
