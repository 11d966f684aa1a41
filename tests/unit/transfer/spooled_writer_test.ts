// deno-lint-ignore-file no-console -- a file that leaves its block unclosed logs a warning
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { DiskError, PermissionDeniedError, StorageError } from "../../../src/errors.ts";
import { writeAll, WriteFile } from "../../../src/storage/files/write_file.ts";
import { ObjectWriter } from "../../../src/transfer/write/object_writer.ts";
import type { PartPlan } from "../../../src/transfer/write/write_parameters.ts";
import { patternBytes } from "../random.ts";
import { inTempFolder } from "../temp_folder.ts";
import { errorAnswer, withoutWaiting } from "../transport.ts";
import { type Intercept, UploadServer } from "./upload_server.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const WRITE = { headers: {}, overwrite: true };
const PLAN: PartPlan = { multipartThreshold: 300_000, partSize: 300_000, maxConcurrency: 2, maxMemorySize: 70_000 };
const CONTENT = patternBytes(1_000_000);

function* chunks(content = CONTENT): Generator<Uint8Array> {
  for (let offset = 0; offset < content.byteLength; offset += 33_333) yield content.subarray(offset, offset + 33_333);
}

/** A test after which no temporary file may exist or be open. */
function test(name: string, run: (names: () => string[], folder: string) => Promise<void>): void {
  Deno.test(name, () => inTempFolder(run));
}

/** A file for writing on a server that receives all requests of the writer. */
function fileOn(up: UploadServer, plan = PLAN, signal?: AbortSignal): WriteFile {
  return new WriteFile("a.bin", new ObjectWriter(up.client, { ...TARGET, signal }, WRITE, plan), signal);
}

/** Responds to a number of requests with that method, for that part or without a part. */
function answering(method: string, part: string | null, answer: () => Response, times = Infinity): Intercept {
  return (request, query) => {
    if (request.method !== method || query.get("partNumber") !== part || times-- <= 0) return undefined;
    return answer();
  };
}

test("parts from the disk arrive whole and in order, and each can be sent again", async (names) => {
  for (const intercept of [undefined, answering("PUT", "2", () => errorAnswer(503, "SlowDown"), 2)]) {
    await using up = new UploadServer(intercept);
    const file = fileOn(up);
    await withoutWaiting(async () => {
      for (const chunk of chunks()) {
        await file.write(chunk);
        assertEquals(names(), []);
      }
      await file.close();
    });
    assertEquals(up.sizes, [300_000, 300_000, 300_000, 100_000]);
    assertEquals(up.server.objects("bucket")[0]?.bytes, CONTENT);
    assert(up.mostUnderWay <= 2);
  }
});

test("what stays below the threshold goes up in one request, from the disk, and can be sent again", async () => {
  for (const length of [0, 69_999, 70_000, 70_001, 299_999]) {
    await using up = new UploadServer(answering("PUT", null, () => errorAnswer(500, "InternalError"), 1));
    const content = CONTENT.slice(0, length);
    await withoutWaiting(() => writeAll(fileOn(up), chunks(content)));
    assertEquals(up.server.objects("bucket")[0]?.bytes, content);
    assertEquals(up.server.objects("bucket")[0]?.partCount, undefined);
  }
});

for (
  const [what, intercept] of [
    ["the upload cannot begin", answering("POST", null, () => errorAnswer(403, "AccessDenied"), 1)],
    ["a part is refused", answering("PUT", "2", () => errorAnswer(403, "AccessDenied"))],
    ["the last part is refused", answering("PUT", "4", () => errorAnswer(403, "AccessDenied"))],
  ] as const
) {
  test(`no file stays open where ${what}`, async () => {
    await using up = new UploadServer(intercept);
    await assertRejects(() => writeAll(fileOn(up), chunks()), PermissionDeniedError);
    assertEquals([up.server.objects("bucket"), up.server.openUploads("bucket")], [[], []]);
  });
}

test("no file stays open where the one request is refused, or the upload cannot be completed", async () => {
  await using refused = new UploadServer(answering("PUT", null, () => errorAnswer(403, "AccessDenied")));
  await assertRejects(() => writeAll(fileOn(refused), chunks(CONTENT.slice(0, 200_000))), PermissionDeniedError);
  let posts = 0;
  await using incomplete = new UploadServer((request) =>
    request.method === "POST" && ++posts > 1 ? errorAnswer(400, "InvalidPart") : undefined
  );
  await assertRejects(() => writeAll(fileOn(incomplete), chunks()), StorageError);
  assertEquals(incomplete.server.openUploads("bucket"), []);
});

test("no file stays open where the source breaks, before or in the midst of an upload", async () => {
  for (const length of [200_000, 800_000]) {
    await using up = new UploadServer();
    const reason = new Error("the source broke");
    const failing = function* (): Generator<Uint8Array> {
      yield* chunks(CONTENT.slice(0, length));
      throw reason;
    };
    assertStrictEquals(await assertRejects(() => writeAll(fileOn(up), failing())), reason);
    assertEquals([up.server.objects("bucket"), up.server.openUploads("bucket")], [[], []]);
  }
});

test("no file stays open after an abort, by hand or by a signal", async () => {
  for (const length of [200_000, 800_000]) {
    await using up = new UploadServer();
    const file = fileOn(up);
    for (const chunk of chunks(CONTENT.slice(0, length))) await file.write(chunk);
    await file.abort();
    const controller = new AbortController();
    const signalled = fileOn(up, PLAN, controller.signal);
    for (const chunk of chunks(CONTENT.slice(0, length))) await signalled.write(chunk);
    controller.abort(new Error("enough"));
    await assertRejects(() => signalled.close(), Error, "enough");
    await signalled.abort();
    assertEquals([up.server.objects("bucket"), up.server.openUploads("bucket")], [[], []]);
  }
});

test("no file stays open where a block throws, and closing twice is free", async () => {
  await using up = new UploadServer();
  const { warn } = console;
  console.warn = () => {};
  try {
    await assertRejects(
      async () => {
        await using file = fileOn(up);
        await file.write(CONTENT);
        throw new Error("the block threw");
      },
      Error,
      "the block threw",
    );
  } finally {
    console.warn = warn;
  }
  assertEquals([up.server.objects("bucket"), up.server.openUploads("bucket")], [[], []]);
  const file = fileOn(up);
  await file.write(CONTENT);
  await file.close();
  await file.close();
  assertEquals(up.server.objects("bucket")[0]?.bytes, CONTENT);
});

test("a folder for temporary files that is not there ends the write with its name", async (_, folder) => {
  Deno.env.set("FILE_UPLOAD_TEMP_DIR", `${folder}/missing`);
  await using up = new UploadServer();
  await assertRejects(() => writeAll(fileOn(up), chunks()), DiskError, `${folder}/missing`);
  assertEquals(up.server.objects("bucket"), []);
});

test("no more than maxMemorySize waits in memory: the rest of a part is on the disk", async () => {
  await using up = new UploadServer();
  const file = fileOn(up, { ...PLAN, multipartThreshold: 64 * 1024 ** 2, partSize: 64 * 1024 ** 2 });
  const chunk = new Uint8Array(1024 ** 2);
  const before = Deno.memoryUsage();
  for (let i = 0; i < 48; i++) await file.write(chunk);
  const after = Deno.memoryUsage();
  assert(after.external - before.external < 24 * 1024 ** 2, `${after.external - before.external} bytes more`);
  await file.abort();
});
