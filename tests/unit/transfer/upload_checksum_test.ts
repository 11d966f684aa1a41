import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { IntegrityError } from "../../../src/errors.ts";
import { checksum } from "../../../src/runtime/hash/checksum.ts";
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from "../../../src/runtime/hash/checksum_algorithms.ts";
import { ObjectWriter } from "../../../src/transfer/write/object_writer.ts";
import { writeWhole } from "../../../src/transfer/write/write_whole.ts";
import type { WriteParameters } from "../../../src/transfer/write/write_parameters.ts";
import { withoutWaiting } from "../transport.ts";
import { type Intercept, UploadServer } from "./upload_server.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const PLAN = { multipartThreshold: 1000, partSize: 1000, maxConcurrency: 2 };
const CONTENT = new Uint8Array(2500).map((_, index) => index * 7);
const PARTS = [CONTENT.slice(0, 1000), CONTENT.slice(1000, 2000), CONTENT.slice(2000)];

function parametersWith(checksumAlgorithm: ChecksumAlgorithm | undefined): WriteParameters {
  return { headers: { "content-type": "text/plain" }, checksumAlgorithm, overwrite: true };
}

/** A server that verifies all checksums, and those of each request to it. */
function watchedServer(change: Intercept = () => undefined): { uploads: UploadServer; sums: () => string[] } {
  const seen: string[] = [];
  const uploads = new UploadServer((request, query) => {
    const sums = [...request.headers].filter(([name]) => name.startsWith("x-amz-checksum-"));
    seen.push(...sums.map((sum) => sum.join(": ")));
    return change(request, query);
  });
  return { uploads, sums: () => seen };
}

for (const algorithm of CHECKSUM_ALGORITHMS) {
  const header = `x-amz-checksum-${algorithm.toLowerCase()}`;

  Deno.test(`an object written in one request is sent with its ${algorithm}, from bytes and from a Blob`, async () => {
    for (const body of [PARTS[2]!, new Blob([PARTS[2]!]), new Uint8Array(0), new Blob([])]) {
      const { uploads, sums } = watchedServer();
      await writeWhole(uploads.client, TARGET, parametersWith(algorithm), PLAN, body);
      assertEquals(sums(), [`${header}: ${await checksum(algorithm, body)}`]);
    }
  });

  Deno.test(`a multipart upload announces ${algorithm}, and sends that of each part with the part and at the end`, async () => {
    const { uploads, sums } = watchedServer(async (request) => {
      if (new URL(request.url).searchParams.has("uploadId") && request.method === "POST") {
        completion = await request.clone().text();
      }
      return undefined;
    });
    let completion = "";
    await writeWhole(uploads.client, TARGET, parametersWith(algorithm), PLAN, new Blob([CONTENT]));
    const each = await Promise.all(PARTS.map((part) => checksum(algorithm, part)));
    const [first, ...rest] = sums();
    assertEquals(first, `x-amz-checksum-algorithm: ${algorithm}`);
    assertEquals(rest.toSorted(), each.map((sum) => `${header}: ${sum}`).toSorted());
    const listed = [...completion.matchAll(/<Checksum(\w+)>([^<]+)<\/Checksum\1>/g)];
    assertEquals(listed.map(([, name, sum]) => [name, sum]), each.map((sum) => [algorithm, sum]));
    assertEquals(uploads.server.objects("bucket")[0]!.bytes, CONTENT);
  });

  Deno.test(`bytes that were damaged on the way are detected by their ${algorithm}, and sent again`, async () => {
    for (const plan of [{ ...PLAN, multipartThreshold: 5000 }, PLAN]) {
      let damaged = false;
      const { uploads } = watchedServer((request) => {
        if (damaged || request.method !== "PUT") return undefined;
        damaged = true;
        return uploads.server.fetch(new Request(request, { body: CONTENT.slice(0, 999) }));
      });
      await withoutWaiting(() => writeWhole(uploads.client, TARGET, parametersWith(algorithm), plan, CONTENT));
      assertEquals(uploads.server.requests.filter(({ errorCode }) => errorCode === "BadDigest").length, 1);
      assertEquals(uploads.server.objects("bucket")[0]!.bytes, CONTENT);
      assertEquals(uploads.server.openUploads("bucket"), []);
    }
  });
}

Deno.test("bytes that always arrive damaged throw, and nothing is stored", async () => {
  for (const plan of [{ ...PLAN, multipartThreshold: 5000 }, PLAN]) {
    const { uploads } = watchedServer((request) =>
      request.method === "PUT" ? uploads.server.fetch(new Request(request, { body: CONTENT.slice(0, 9) })) : undefined
    );
    const writing = (): Promise<unknown> => writeWhole(uploads.client, TARGET, parametersWith("CRC32"), plan, CONTENT);
    await withoutWaiting(() => assertRejects(writing, IntegrityError));
    await uploads.idle();
    assertEquals([uploads.server.objects("bucket"), uploads.server.openUploads("bucket")], [[], []]);
  }
});

Deno.test("the parts of a stream are sent with checksums too", async () => {
  const { uploads, sums } = watchedServer();
  const writer = new ObjectWriter(uploads.client, TARGET, parametersWith("CRC32C"), PLAN);
  for (let offset = 0; offset < CONTENT.length; offset += 300) await writer.write(CONTENT.slice(offset, offset + 300));
  await writer.close();
  assertEquals(sums().length, 1 + PARTS.length);
  assertEquals(uploads.server.objects("bucket")[0]!.bytes, CONTENT);
});

Deno.test("without an algorithm no checksum headers are sent", async () => {
  for (const body of [CONTENT, PARTS[2]!]) {
    const { uploads, sums } = watchedServer();
    await writeWhole(uploads.client, TARGET, parametersWith(undefined), PLAN, body);
    assertEquals(sums(), []);
  }
});

Deno.test("a call that is aborted while a Blob is read for its checksum rejects with the reason, and sends nothing", async () => {
  const { uploads } = watchedServer();
  const stop = new AbortController();
  const reason = new Error("enough");
  let cancelled = false;
  class Endless extends Blob {
    override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
      return new ReadableStream({ pull: () => stop.abort(reason), cancel: () => void (cancelled = true) });
    }
  }
  const target = { ...TARGET, signal: stop.signal };
  const call = (): Promise<unknown> =>
    writeWhole(uploads.client, target, parametersWith("SHA256"), PLAN, new Endless(["x"]));
  assertStrictEquals(await assertRejects(call), reason);
  await uploads.idle();
  assertEquals([uploads.server.requests.length, cancelled], [0, true]);
});
