import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  ConnectionError,
  NotFoundError,
  PermissionDeniedError,
  PreconditionFailedError,
} from "../../../../src/errors.ts";
import type { DownloadOptions } from "../../../../src/storage/contract/options.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions, TransferConfig } from "../../../../src/settings/options.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { patternBytes, SeededRandom } from "../../random.ts";
import { errorAnswer, withoutWaiting } from "../../transport.ts";
import { RangeServer } from "../range_server.ts";

const BYTES = patternBytes(1000);
const IN_HUNDREDS: DownloadOptions = { partSize: 100, maxConcurrency: 3 };

function storageOn({ fetch }: Pick<RangeServer, "fetch">, options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({ bucketName: "bucket", accessKey: "testkey", secretKey: "testsecret", fetch, ...options });
}

/** Downloads all bytes; at the end nothing may be open. */
async function download(server: RangeServer, options = IN_HUNDREDS): Promise<Uint8Array> {
  return await withoutWaiting(async () => {
    const stream = await storageOn(server).download("a.bin", options);
    const bytes = await new Response(stream).bytes().catch((error) => error);
    await settled();
    assertEquals(server.openBodies, 0);
    if (bytes instanceof Error) throw bytes;
    return bytes;
  });
}

/** Waits until everything that needs no timer has finished. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("a download requests ranges of one version, several at the same time, and keeps their order", async () => {
  const server = new RangeServer(BYTES);
  assertEquals(await download(server), BYTES);
  const ranges = Array.from({ length: 10 }, (_, i) => `bytes=${i * 100}-${i * 100 + 99} ${i === 0 ? null : '"first"'}`);
  assertEquals(server.asked, ranges);
  assertEquals([server.mostOpenBodies, server.givenBytes], [3, 1000]);
});

Deno.test("a download is right for every size around its parts", async () => {
  for (let size = 0; size <= 45; size++) {
    const bytes = patternBytes(size);
    const server = new RangeServer(bytes, undefined, 3);
    assertEquals(await download(server, { partSize: 10, maxConcurrency: 1 + size % 4 }), bytes, `${size} bytes`);
    const isOne = size <= 10 || size % 4 === 0;
    assertEquals(server.asked.length, isOne ? 1 : Math.ceil(size / 10), `${size} bytes`);
  }
});

Deno.test("with one request at a time, a download is one request", async () => {
  const server = new RangeServer(BYTES);
  assertEquals(await download(server, { partSize: 100, maxConcurrency: 1 }), BYTES);
  assertEquals(server.asked, ["null null"]);
});

Deno.test("partSize and maxConcurrency default to those of transferConfig", async () => {
  const mebibyte = 1024 ** 2;
  const server = new RangeServer(new Uint8Array(12 * mebibyte), undefined, mebibyte);
  const storage = storageOn(server, { transferConfig: { partSize: 5 * mebibyte, maxConcurrency: 2 } });
  const stream = await storage.download("a.bin", { partSize: undefined });
  assertEquals((await new Response(stream).bytes()).byteLength, 12 * mebibyte);
  assertEquals([server.asked.length, server.mostOpenBodies], [3, 2]);
});

Deno.test("a download requests 8 ranges at the same time, or downloadConcurrency; maxConcurrency limits both", () => {
  const concurrency = (transferConfig: TransferConfig): number =>
    storageOn(new RangeServer(BYTES), { transferConfig }).settings.transferConfig.downloadConcurrency;
  assertEquals(
    [{}, { maxConcurrency: 2 }, { downloadConcurrency: 3 }, { maxConcurrency: 2, downloadConcurrency: 3 }]
      .map(concurrency),
    [8, 2, 3, 3],
  );
});

Deno.test("a download that is not read requests no more than its parts, and continues when it is read", async () => {
  const server = new RangeServer(BYTES);
  const reader = (await storageOn(server).download("a.bin", IN_HUNDREDS)).getReader();
  await settled();
  assertEquals([server.givenBytes, server.asked.length, server.openBodies], [300, 3, 0]); // no connection is open
  for (let bytes = 0; bytes < 150;) bytes += (await reader.read()).value!.byteLength;
  await settled();
  assertEquals([server.givenBytes, server.asked.length], [400, 4]);
  await reader.cancel();
  await settled();
  assertEquals([server.givenBytes, server.openBodies], [400, 0]);
});

Deno.test("parts that break resume independently", async () => {
  const random = new SeededRandom(5);
  const server = new RangeServer(
    BYTES,
    () => ({ breakAfter: 1 + random.below(90), how: random.pick(["fail", "end"]) }),
  );
  assertEquals(await download(server), BYTES);
  assertEquals(server.givenBytes, 1000);
  assert(server.asked.length > 15);
});

Deno.test("an object that changes during a download throws, and nothing is left open", async () => {
  for (const ignoresCondition of [false, true]) {
    const server: RangeServer = new RangeServer(BYTES, (request) => {
      if (request === 5) [server.bytes, server.etag] = [patternBytes(1000).reverse(), '"second"'];
      return { ignoresCondition };
    });
    await assertRejects(() => download(server), PreconditionFailedError);
  }
});

Deno.test("a part that fails permanently ends the download after the bytes before it", async () => {
  let given = new Uint8Array(0);
  const server = new RangeServer(BYTES, (_, start) => start >= 500 && start < 600 ? { breakAfter: 7 } : undefined);
  const storage = storageOn(server, { clientConfig: { maxAttempts: 1 } });
  const stream = await storage.download("a.bin", IN_HUNDREDS);
  const sink = new WritableStream<Uint8Array>({
    write: (chunk) => void (given = new Uint8Array([...given, ...chunk])),
  });
  await assertRejects(() => stream.pipeTo(sink), ConnectionError);
  await settled();
  assertEquals(server.openBodies, 0);
  assertEquals(given, BYTES.slice(0, given.byteLength));
  assert(given.byteLength >= 500 && given.byteLength <= 507, `${given.byteLength}`);
});

Deno.test("a part that cannot be requested fails the read that reaches it", async () => {
  const server = new RangeServer(
    BYTES,
    (_, start) => start === 200 ? { instead: errorAnswer(403, "AccessDenied") } : {},
  );
  const reader = (await storageOn(server).download("a.bin", IN_HUNDREDS)).getReader();
  await settled();
  for (let bytes = 0; bytes < 200;) bytes += (await reader.read()).value!.byteLength;
  await assertRejects(() => reader.read(), PermissionDeniedError);
  await settled();
  assertEquals(server.openBodies, 0);
});

Deno.test("a missing or unreadable file throws before a stream is returned", async () => {
  const missing = new RangeServer(BYTES, () => ({ instead: errorAnswer(404, "NoSuchKey") }));
  await assertRejects(() => download(missing), NotFoundError, "File does not exist: a.bin");
});

Deno.test("cancelling a download cancels all parts, also those without a response", async () => {
  const { promise: after, resolve: answer } = Promise.withResolvers<void>();
  const server = new RangeServer(BYTES, (request) => request === 2 ? { after } : { breakAfter: 50, how: "stall" });
  const reader = (await storageOn(server).download("a.bin", IN_HUNDREDS)).getReader();
  await reader.read();
  await reader.cancel("enough"); // does not wait for responses
  answer();
  await settled();
  assertEquals([server.asked.length, server.openBodies], [3, 0]);
});

Deno.test("a signal ends a download with its reason, while it waits and while it has bytes", async () => {
  for (const stalls of [true, false]) {
    const stop = new AbortController();
    const reason = new Error("changed my mind");
    const server = new RangeServer(BYTES, () => stalls ? { breakAfter: 0, how: "stall" } : undefined);
    const options = { ...IN_HUNDREDS, signal: stop.signal };
    const reader = (await storageOn(server).download("a.bin", options)).getReader();
    if (!stalls) await reader.read();
    await settled();
    stop.abort(reason);
    assertStrictEquals(await reader.read().catch((error) => error), reason);
    await settled();
    assertEquals([server.asked.length, server.openBodies], [3, 0]);
  }
});

Deno.test("an aborted signal prevents any request", async () => {
  const server = new RangeServer(BYTES);
  const reason = new Error("changed my mind");
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await storageOn(server).download("a.bin", { signal }).catch((error) => error), reason);
  assertEquals(server.asked, []);
});

for (const etag of ["", 'W/"weak"']) {
  Deno.test(`without a strong ETag (${etag || "none"}) one request reads all bytes, since the object could change`, async () => {
    const server = new RangeServer(BYTES, () => ({ headers: { etag } }));
    assertEquals(await download(server), BYTES);
    assertEquals(server.asked, ["bytes=0-99 null", "null null"]);
  });
}

Deno.test("a service without ranges sends all bytes in one request, with backpressure", async () => {
  const server = new RangeServer(BYTES, () => ({ ignoresRange: true }));
  const reader = (await storageOn(server).download("a.bin", IN_HUNDREDS)).getReader();
  await settled();
  assert(server.givenBytes <= 130, `${server.givenBytes}`);
  await reader.cancel();
  const again = new RangeServer(BYTES, () => ({ ignoresRange: true }));
  assertEquals(await download(again), BYTES);
  assertEquals(again.asked.length, 1);
});

Deno.test("the rest of a range that is too short is requested", async () => {
  const server = new RangeServer(BYTES, () => ({ most: 60 }));
  assertEquals(await download(server), BYTES);
});

Deno.test("onProgress receives bytes and total; an error that it throws ends the download", async () => {
  const told: number[] = [];
  const totals = new Set<number>();
  const onProgress: DownloadOptions["onProgress"] = ({ bytes, total }) => {
    told.push(bytes);
    totals.add(total);
  };
  await download(new RangeServer(BYTES), { ...IN_HUNDREDS, onProgress });
  assertEquals([told.at(-1), totals], [1000, new Set([1000])]);
  assertEquals(told, told.toSorted((a, b) => a - b));
  const failing = {
    ...IN_HUNDREDS,
    onProgress: (): void => {
      throw new Error("no window");
    },
  };
  await assertRejects(() => download(new RangeServer(BYTES), failing), Error, "no window");
});

Deno.test("invalid numbers of bytes or requests throw before anything is sent", async () => {
  const server = new RangeServer(BYTES);
  for (const name of ["partSize", "maxConcurrency"]) {
    for (const value of [0, -1, 1.5, NaN, Infinity, "8"]) {
      const options = { ...IN_HUNDREDS, [name]: value } as DownloadOptions;
      await assertRejects(() => download(server, options), RangeError, `${name} must be an integer of 1 or more`);
    }
  }
  assertEquals(server.asked, []);
});

Deno.test("a download decompresses gzip like open()", async () => {
  const server = createS3Server({ buckets: ["bucket"] });
  const [plain, gzip] = [storageOn(server), storageOn(server, { gzip: true })];
  const text = Array.from({ length: 3000 }, (_, i) => `a${i} {}\n`).join("");
  await gzip.save("a.css", text);
  const small = { partSize: 1000, maxConcurrency: 3 };
  assertEquals(await new Response(await gzip.download("a.css", small)).text(), text);
  assertEquals(await new Response(await plain.download("a.css", { ...small, decompress: true })).text(), text);
  const stored = await new Response(await plain.download("a.css", small)).bytes();
  assertEquals([stored[0], stored.byteLength], [0x1f, await plain.size("a.css")]);
});

Deno.test("an empty file is an empty download", async () => {
  const server = createS3Server({ buckets: ["bucket"] });
  const storage = storageOn(server);
  await storage.save("empty", "");
  const before = server.requests.length;
  assertEquals(await new Response(await storage.download("empty")).text(), "");
  assertEquals(server.requests.length - before, 2); // it has no range, so its attributes are read too
});
