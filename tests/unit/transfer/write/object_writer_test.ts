import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { AlreadyExistsError, NotSupportedError, PermissionDeniedError } from "../../../../src/errors.ts";
import { ObjectWriter } from "../../../../src/transfer/write/object_writer.ts";
import { writeWhole } from "../../../../src/transfer/write/write_whole.ts";
import type { PartPlan } from "../../../../src/transfer/write/write_parameters.ts";
import { patternBytes, SeededRandom } from "../../random.ts";
import { errorAnswer, withoutWaiting } from "../../transport.ts";
import { gate, settle, UploadServer } from "../upload_server.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const PLAN: PartPlan = { multipartThreshold: 100, partSize: 100, maxConcurrency: 3 };
const WRITE = { headers: { "content-type": "text/plain", "x-amz-meta-a": "b" }, overwrite: true };
const KEEP = { ...WRITE, overwrite: false };

function writerOn(up: UploadServer, parameters = WRITE, plan = PLAN, signal?: AbortSignal): ObjectWriter {
  return new ObjectWriter(up.client, { ...TARGET, signal }, parameters, plan);
}

async function assertNothingLeft(up: UploadServer): Promise<void> {
  await up.idle();
  assertEquals([up.server.objects("bucket"), up.server.openUploads("bucket")], [[], []]);
}

Deno.test("content below the threshold, also empty content, is uploaded in one request", async () => {
  for (const length of [0, 1, 99]) {
    await using up = new UploadServer();
    const writer = writerOn(up);
    if (length > 0) await writer.write(patternBytes(length));
    await writer.close();
    assertEquals(up.operations, ["PutObject"]);
    const [object] = up.server.objects("bucket");
    assertEquals([object?.bytes, object?.contentType, object?.metadata], [patternBytes(length), "text/plain", {
      a: "b",
    }]);
  }
});

Deno.test("content from the threshold on is uploaded in parts, complete and in order, for any chunks", async () => {
  const random = new SeededRandom(10);
  for (const length of [100, 101, 199, 200, 201, 999, 1000, 1777]) {
    for (let round = 0; round < 4; round++) {
      await using up = new UploadServer();
      const writer = writerOn(up);
      const content = patternBytes(length);
      for (let offset = 0; offset < length;) {
        const size = round === 0 ? length : 1 + random.below(round * 130);
        await writer.write(content.subarray(offset, offset + size));
        offset += size;
      }
      await writer.close();
      const [object] = up.server.objects("bucket");
      assertEquals([object?.bytes, object?.contentType, object?.metadata], [content, "text/plain", { a: "b" }]);
      assertEquals(object?.partCount, Math.ceil(length / 100));
      assertEquals(up.server.openUploads("bucket"), []);
      assert(up.mostUnderWay <= 3);
    }
  }
});

Deno.test("a threshold above the part size makes the first part larger, and one below it none smaller", async () => {
  for (const [multipartThreshold, expected] of [[250, [250, 100, 50]], [10, [100, 100, 100, 100]]] as const) {
    await using up = new UploadServer();
    const writer = writerOn(up, WRITE, { ...PLAN, multipartThreshold });
    await writer.write(patternBytes(400));
    await writer.close();
    assertEquals(up.sizes, [...expected]);
  }
});

Deno.test("parts are sent while bytes still arrive, maxConcurrency at the same time", async () => {
  const doors = gate();
  const up = new UploadServer(async (_, query) => {
    if (query.has("partNumber")) await doors.opened;
    return undefined;
  });
  const writer = writerOn(up);
  const written = writer.write(patternBytes(1000));
  while (up.underWay < 3) await settle();
  await settle();
  assertEquals([up.underWay, up.mostUnderWay], [3, 3]);
  doors.open();
  await written;
  await writer.close();
  assertEquals(up.mostUnderWay, 3);
  assertEquals(up.server.objects("bucket")[0]?.bytes, patternBytes(1000));
});

Deno.test("backpressure limits a fast writer to maxConcurrency + 1 parts in memory", async () => {
  let accepted = 0;
  let arrived = 0;
  let most = 0;
  await using up = new UploadServer(async (request, query) => {
    if (!query.has("partNumber")) return undefined;
    await settle();
    const { byteLength } = await request.clone().arrayBuffer();
    most = Math.max(most, accepted - arrived);
    arrived += byteLength;
    return undefined;
  });
  const writer = writerOn(up);
  for (let i = 0; i < 200; i++) {
    await writer.write(patternBytes(10));
    accepted += 10;
    most = Math.max(most, accepted - arrived);
  }
  await writer.close();
  assert(most <= (PLAN.maxConcurrency + 1) * PLAN.partSize, `${most} bytes`);
  assertEquals([accepted, arrived, up.mostUnderWay], [2000, 2000, 3]);
});

Deno.test("a part that fails ends the upload with its error, and nothing is left", async () => {
  await using up = new UploadServer((_, query) =>
    query.get("partNumber") === "2" ? errorAnswer(403, "AccessDenied") : undefined
  );
  const writer = writerOn(up);
  const error = await assertRejects(async () => {
    await writer.write(patternBytes(1000));
    await writer.close();
  }, PermissionDeniedError);
  assertEquals(error.operation, "UploadPart");
  await writer.abort(error);
  await assertNothingLeft(up);
});

Deno.test("an abort at any part rejects with its reason and leaves nothing", async () => {
  for (const at of [1, 2, 5, 9]) {
    const controller = new AbortController();
    const reason = new Error("enough");
    await using up = new UploadServer((_, query) => {
      if (query.get("partNumber") === `${at}`) controller.abort(reason);
      return undefined;
    });
    const target = { ...TARGET, signal: controller.signal };
    const error = await assertRejects(() => writeWhole(up.client, target, WRITE, PLAN, patternBytes(1000)));
    assertStrictEquals(error, reason);
    await assertNothingLeft(up);
  }
});

Deno.test("an abort while the upload is created waits for its id, and aborts it", async () => {
  for (const how of ["signal", "abort"] as const) {
    const doors = gate();
    const controller = new AbortController();
    const up = new UploadServer(async (_, query) => {
      if (query.has("uploads")) await doors.opened;
      return undefined;
    });
    const writer = writerOn(up, WRITE, PLAN, controller.signal);
    const writing = writer.write(patternBytes(1000))?.catch((error) => error);
    await settle();
    const reason = new Error("enough");
    if (how === "signal") controller.abort(reason);
    const aborting = writer.abort(reason);
    doors.open();
    await aborting;
    assertStrictEquals(await writing, reason);
    assertEquals(up.operations.includes("CreateMultipartUpload"), true);
    await assertNothingLeft(up);
  }
});

Deno.test("an abort whose tries have all failed is sent again, whatever they failed with", async () => {
  for (
    const [status, code, triesInRound] of [[503, "SlowDown", 10], [403, "RequestTimeTooSkewed", 1], [
      403,
      "ExpiredToken",
      1,
    ]] as const
  ) {
    let failures = 0;
    await using up: UploadServer = new UploadServer((request) =>
      request.method === "DELETE" && ++failures <= triesInRound * 3 ? errorAnswer(status, code) : undefined
    );
    assertEquals(up.client.settings.clientConfig.maxAttempts, 10);
    await withoutWaiting(async () => {
      const writer = writerOn(up);
      await writer.write(patternBytes(250));
      await writer.abort(new Error("enough"));
    });
    assertEquals([code, failures], [code, triesInRound * 3 + 1]);
    await assertNothingLeft(up);
  }
});

Deno.test("an abort that is not permitted is sent once", async () => {
  let failures = 0;
  await using up: UploadServer = new UploadServer((request) => {
    if (request.method !== "DELETE") return undefined;
    failures++;
    return errorAnswer(403, "AccessDenied");
  });
  const writer = writerOn(up);
  await writer.write(patternBytes(250));
  await writer.abort(new Error("enough"));
  assertEquals(failures, 1);
});

Deno.test("abort() waits for the parts that are being sent, so that none arrives after it", async () => {
  await using up = new UploadServer();
  const writer = writerOn(up);
  const writing = writer.write(patternBytes(1000))?.catch((error) => error);
  await writer.abort(new Error("enough"));
  await writing;
  assertEquals(up.underWay, 0);
  await assertNothingLeft(up);
});

Deno.test("an existing object is not overwritten, in one request or in parts", async () => {
  for (const length of [10, 1000]) {
    await using up = new UploadServer();
    await writeWhole(up.client, TARGET, WRITE, PLAN, new TextEncoder().encode("first"));
    const error = await assertRejects(
      () => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(length)),
      AlreadyExistsError,
    );
    assertEquals([error.key, error.bucket], ["a.bin", "bucket"]);
    const writer = writerOn(up, KEEP);
    await assertRejects(async () => {
      await writer.write(patternBytes(length));
      await writer.close();
    }, AlreadyExistsError);
    await writer.abort();
    assertEquals(new TextDecoder().decode(up.server.objects("bucket")[0]?.bytes), "first");
    assertEquals(up.server.openUploads("bucket"), []);
  }
});

Deno.test("one of two concurrent multipart uploads without overwriting is rejected", async () => {
  await using up = new UploadServer();
  const results = await Promise.allSettled(
    [1, 2].map((fill) => writeWhole(up.client, TARGET, KEEP, PLAN, new Uint8Array(500).fill(fill))),
  );
  const refused = results.filter((result) => result.status === "rejected");
  assertEquals(refused.length, 1);
  assertInstanceOf(refused[0]!.reason, AlreadyExistsError);
  assertEquals(up.server.openUploads("bucket"), []);
});

Deno.test("a service without conditional writes is first asked for the object", async () => {
  const unconditional = (request: Request): Response | undefined =>
    request.headers.has("if-none-match") ? errorAnswer(501, "NotImplemented") : undefined;
  for (const length of [10, 1000]) {
    await using up = new UploadServer(unconditional);
    await writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(length));
    assertEquals(up.server.objects("bucket")[0]?.size, length);
    await assertRejects(() => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(3)), AlreadyExistsError);
    await assertRejects(() => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(500)), AlreadyExistsError);
    assertEquals([up.server.objects("bucket")[0]?.size, up.server.openUploads("bucket")], [length, []]);
  }
});

Deno.test("a service that cannot store objects throws", async () => {
  await using up = new UploadServer(({ method }) => method === "PUT" ? errorAnswer(501, "NotImplemented") : undefined);
  await assertRejects(() => writeWhole(up.client, TARGET, WRITE, PLAN, patternBytes(3)), NotSupportedError);
  await assertRejects(() => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(3)), NotSupportedError);
});

Deno.test("parts are retried one by one, and the object is complete", async () => {
  const failed = new Set<string>();
  await using up = new UploadServer((_, query) => {
    const part = query.get("partNumber");
    if (part === null || failed.has(part)) return undefined;
    failed.add(part);
    return errorAnswer(500, "InternalError");
  });
  await withoutWaiting(() => writeWhole(up.client, TARGET, WRITE, PLAN, patternBytes(1000)));
  assertEquals([failed.size, up.server.objects("bucket")[0]?.bytes], [10, patternBytes(1000)]);
});

Deno.test("an upload that no longer exists counts as aborted", async () => {
  await using up = new UploadServer((request) =>
    request.method === "DELETE" ? errorAnswer(404, "NoSuchUpload") : undefined
  );
  const writer = writerOn(up);
  await writer.write(patternBytes(150));
  await writer.abort();
});
