import { assert, assertEquals, assertRejects } from "@std/assert";
import { ServiceError, TimeoutError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { RangeServer } from "../transfer/range_server.ts";
import { withoutWaiting } from "../transport.ts";

const BYTES = new Uint8Array(100).map((_, index) => index);

function storageOn(fetch: (request: Request) => Promise<Response>, timeout = 60): S3Storage {
  return new S3Storage({
    bucketName: "bucket",
    accessKey: "a",
    secretKey: "s",
    fetch,
    clientConfig: { timeout, maxAttempts: 2 },
  });
}

/** A response that records how its body is read. */
function watched(body: BodyInit, asked: string[], headers: Record<string, string> = {}): Response {
  const response = new Response(body, { headers: { etag: '"e"', "content-length": "100", ...headers } });
  return new Proxy(response, {
    get(target, name): unknown {
      if (name === "url") return "https://bucket.s3.amazonaws.com/a.bin"; // like a fetched response
      if (name === "body" || name === "arrayBuffer") asked.push(name);
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

Deno.test("a small file is read in one step by bytes(), and like any other file in pieces", async () => {
  const asked: string[] = [];
  const storage = storageOn(() => Promise.resolve(watched(BYTES, asked)));
  const file = await storage.open("a.bin", "rb");
  assertEquals(await file.bytes(), BYTES);
  assertEquals([file.position, file.size, await file.bytes(), asked], [100, 100, new Uint8Array(0), ["arrayBuffer"]]);
  const pieces = await storage.open("a.bin", "rb");
  const [head, rest] = await Promise.all([pieces.read(3), pieces.bytes()]);
  assertEquals([head, rest], [BYTES.slice(0, 3), BYTES.slice(3)]);
});

Deno.test("a larger file is a stream, however it is read", async () => {
  const large = new Uint8Array(64 * 1024 + 1).fill(7);
  const asked: string[] = [];
  const headers = { "content-length": String(large.byteLength) };
  const file = await storageOn(() => Promise.resolve(watched(large, asked, headers))).open("a.bin", "rb");
  assertEquals(await file.bytes(), large);
  assert(!asked.includes("arrayBuffer"), asked.join());
});

Deno.test("a small file whose connection breaks is fetched again, as a stream that resumes after the break", async () => {
  for (const how of ["fail", "end", "stall"] as const) {
    const server = new RangeServer(BYTES, (request) => request < 3 ? { breakAfter: 40, how } : undefined);
    await withoutWaiting(async () => {
      const file = await storageOn(server.fetch, 0.02).open("a.bin", "rb");
      assertEquals(await file.bytes(), BYTES, how);
    });
    assertEquals(server.asked.length, 4);
  }
});

Deno.test("a small file that stalls forever fails, and its request is aborted", async () => {
  const signals: AbortSignal[] = [];
  const fetch = (request: Request): Promise<Response> => {
    signals.push(request.signal);
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    return Promise.resolve(new Response(body, { headers: { etag: '"e"', "content-length": "100" } }));
  };
  await withoutWaiting(async () => {
    const file = await storageOn(fetch, 0.02).open("a.bin", "rb");
    await assertRejects(() => file.bytes(), TimeoutError, "GetObject failed: no bytes within 0.02 s");
  });
  assertEquals(signals.map(({ aborted }) => aborted), [true, true]);
});

Deno.test("reading a small file fails if the file is closed meanwhile", async () => {
  const file = await storageOn(() => Promise.resolve(watched(BYTES, []))).open("a.bin", "rb");
  const reading = file.bytes();
  await file.close();
  await assertRejects(() => reading, TypeError, "the file is closed");
});

Deno.test("open() of a part fails if the service sends more than the part", async () => {
  const server = new RangeServer(BYTES, () => ({ ignoresRange: true }));
  for (const start of [0, 2]) {
    await assertRejects(
      () => storageOn(server.fetch).open("a.bin", "rb", { start, end: 5 }),
      ServiceError,
      "not the requested range",
    );
  }
  await using file = await storageOn(server.fetch).open("a.bin", "rb", { start: 0, end: BYTES.length });
  assertEquals(await file.bytes(), BYTES);
  assertEquals(server.openBodies, 0);
});
