/** Encoded responses that were not requested: the bytes of the object are read, or the response is refused. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { NotSupportedError, ServiceError } from "../../../../src/errors.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import { readObject } from "../../../../src/transfer/read/object_reader.ts";
import { HeldTime, until } from "../../held_time.ts";
import { bareAnswer, clientOn, scripted } from "../../transport.ts";

const BYTES = new Uint8Array(50).map((_, index) => index * 37);
const TEXT = "storage contents, ".repeat(50);
const STORED = new Uint8Array(gzipSync(TEXT));

interface Answer {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A storage on a server with one object, over real connections; `answer` responds to GET. */
async function withServer(
  stored: Readonly<Record<string, string>>,
  answer: (request: Request) => Answer,
  use: (storage: S3Storage, requests: Request[]) => Promise<void>,
): Promise<void> {
  const requests: Request[] = [];
  const described = { etag: '"e"', "last-modified": new Date(0).toUTCString() };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    requests.push(request);
    if (request.method === "HEAD") return new Response(null, { headers: { ...described, ...stored } });
    const { status = 200, headers, body } = answer(request);
    return new Response(body, { status, headers: { ...described, ...headers } });
  });
  const endpointUrl = `http://127.0.0.1:${server.addr.port}`;
  await use(new S3Storage({ bucketName: "media", endpointUrl, accessKey: "a", secretKey: "b" }), requests);
}

const PLAIN = { "content-length": "50" };

function encoded(body: Uint8Array<ArrayBuffer>, coding = "gzip"): Answer {
  return { headers: { "content-encoding": coding, "content-length": String(body.byteLength) }, body };
}

Deno.test("a request that came back encoded is sent again with accept-encoding: identity, unsigned", async () => {
  const answer = ({ headers }: Request): Answer =>
    headers.get("accept-encoding") === "identity"
      ? { headers: PLAIN, body: BYTES }
      : encoded(new Uint8Array(gzipSync(BYTES)));
  await withServer(PLAIN, answer, async (storage, requests) => {
    const file = await storage.open("a.bin", "rb");
    assertEquals([file.size, await file.bytes()], [50, BYTES]);
    assertEquals(requests.map(({ method }) => method), ["GET", "GET"]);
    assert(!requests[1]!.headers.get("authorization")!.includes("accept-encoding"));
  });
});

Deno.test("gzip that a server adds in any case is decompressed, and the size is the stored one", async () => {
  await withServer(PLAIN, () => encoded(new Uint8Array(gzipSync(BYTES))), async (storage) => {
    const file = await storage.open("a.bin", "rb");
    assertEquals([file.size, await file.bytes()], [50, BYTES]);
  });
});

Deno.test("a gzip file that a server compresses again is read as it is stored, or refused", async () => {
  const file = new Uint8Array(gzipSync(BYTES));
  const stored = { "content-length": String(file.byteLength) };
  await withServer(stored, () => encoded(new Uint8Array(gzipSync(file))), async (storage) => {
    assertEquals(await storage.readBytes("a.gz"), file);
  });
});

Deno.test("bytes that are not gzip, or not as many as are stored, are refused", async () => {
  const damaged = new Uint8Array(gzipSync(BYTES)).subarray(0, 40);
  await withServer(PLAIN, () => encoded(damaged), async (storage) => {
    await assertRejects(() => storage.readBytes("a.bin"), ServiceError, "received Content-Encoding gzip");
  });
  await withServer(PLAIN, () => encoded(new Uint8Array(gzipSync(new Uint8Array(90)))), async (storage) => {
    await assertRejects(() => storage.readBytes("a.bin"), ServiceError, "longer than announced");
  });
});

Deno.test("another encoding, and an encoded range, are refused with what was received", async () => {
  await withServer(PLAIN, () => encoded(new Uint8Array(brotliCompressSync(BYTES)), "br"), async (storage) => {
    await assertRejects(() => storage.open("a.bin", "rb"), ServiceError, "received Content-Encoding br");
  });
  const range = (): Answer => {
    const { headers, body } = encoded(new Uint8Array(gzipSync(BYTES)));
    return { status: 206, headers: { ...headers, "content-range": "bytes 10-19/50" }, body };
  };
  await withServer(PLAIN, range, async (storage) => {
    const reading = storage.readBytes("a.bin", { start: 10, end: 20 });
    await assertRejects(() => reading, ServiceError, "Content-Range bytes 10-19/50");
  });
});

Deno.test("a range that begins elsewhere is refused, also where the first bytes were requested", async () => {
  const range = (): Answer => ({
    status: 206,
    headers: { "content-range": "bytes 5-14/50", "content-length": "10" },
    body: BYTES.slice(5, 15),
  });
  await withServer(PLAIN, range, async (storage) => {
    const reading = storage.readBytes("a.bin", { end: 10 });
    await assertRejects(() => reading, ServiceError, "not the requested range");
  });
});

Deno.test("an object that is stored as gzip is read as stored, decompressed, or refused, never mixed up", async () => {
  const stored = { "content-length": String(STORED.byteLength), "content-encoding": "gzip" };
  await withServer(stored, () => encoded(STORED), async (storage) => {
    assertEquals(await (await storage.open("a.txt", "r", { decompress: true })).text(), TEXT);
    const bytes = await storage.readBytes("a.txt").catch((error) => error);
    if (!(bytes instanceof NotSupportedError)) assertEquals(bytes, STORED);
  });
});

for (
  const coding of [
    "utf-8",
    "UTF-8",
    "none",
    "null",
    "binary",
    "base64",
    "identity",
    "utf-8, identity",
    "aws-chunked,utf-8",
  ]
) {
  Deno.test(`an object that is stored with Content-Encoding ${coding}, which changes no bytes, is read as it is`, async () => {
    const answer = ({ headers }: Request): Answer => {
      const range = /^bytes=(\d+)-(\d*)/.exec(headers.get("range") ?? "");
      if (range === null) return encoded(BYTES, coding);
      const [start, end] = [Number(range[1]), Number(range[2] || 49) + 1];
      const part = encoded(BYTES.slice(start, end), coding);
      return { ...part, status: 206, headers: { ...part.headers, "content-range": `bytes ${start}-${end - 1}/50` } };
    };
    await withServer({ ...PLAIN, "content-encoding": coding }, answer, async (storage, requests) => {
      assertEquals(await storage.readBytes("a.bin"), BYTES);
      assertEquals(await storage.readBytes("a.bin", { start: 10, end: 20 }), BYTES.slice(10, 20));
      assertEquals(requests.map(({ method }) => method), ["GET", "GET"]);
      const file = await storage.open("a.bin", "rb");
      assertEquals([file.size, await file.bytes()], [50, BYTES]);
    });
  });
}

Deno.test("gzip that a proxy adds to an object with Content-Encoding utf-8 is decompressed", async () => {
  const stored = { ...PLAIN, "content-encoding": "utf-8" };
  const answer = (): Answer => encoded(new Uint8Array(gzipSync(BYTES)), "utf-8, gzip");
  await withServer(stored, answer, async (storage) => {
    assertEquals(await storage.readBytes("a.bin"), BYTES);
  });
});

Deno.test("an empty object with an encoding is read as empty", async () => {
  for (const coding of ["gzip", "br", "zstd"]) {
    const stored = { "content-encoding": coding, "content-length": "0" };
    const transport = scripted(bareAnswer(200, { ...stored, etag: '"e"' }));
    const { chunks, head } = await readObject(clientOn(transport), { bucket: "bucket", key: "a.bin" });
    assertEquals([await chunks.read(), head.size, transport.requests.length], [undefined, 0, 1], coding);
  }
});

Deno.test("the stored object is described while the body of an encoded response has the only connection", async () => {
  const body = new Uint8Array(gzipSync(BYTES));
  const transport = scripted(({ method }) => {
    const headers = { "x-amz-request-id": "1", etag: '"e"' };
    if (method === "HEAD") return bareAnswer(200, { ...headers, ...PLAIN });
    return new Response(body, {
      headers: { ...headers, "content-encoding": "gzip", "content-length": String(body.byteLength) },
    });
  });
  const client = clientOn(transport, { clientConfig: { maxConnections: 1 } });
  using _ = new HeldTime(); // a request that waits for its turn waits for ever
  const reading = readObject(client, { bucket: "bucket", key: "a.bin" }).then(({ body }) => new Response(body).bytes());
  await until(() => transport.requests.length === 3);
  assertEquals(await reading, BYTES);
});
