import { assert, assertEquals, assertRejects } from "@std/assert";
import { PermissionDeniedError, PreconditionFailedError, StorageError } from "../../../../src/errors.ts";
import type { PartPlan } from "../../../../src/transfer/write/write_parameters.ts";
import { writeWhole } from "../../../../src/transfer/write/write_whole.ts";
import { patternBytes } from "../../random.ts";
import { errorAnswer } from "../../transport.ts";
import { UploadServer } from "../upload_server.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const PLAN: PartPlan = { multipartThreshold: 100, partSize: 100, maxConcurrency: 3 };
const WRITE = { headers: { "content-type": "text/plain", "x-amz-meta-a": "b" }, overwrite: true };

async function assertNothingLeft(up: UploadServer): Promise<void> {
  await up.idle();
  assertEquals([up.server.objects("bucket"), up.server.openUploads("bucket")], [[], []]);
}

for (
  const [operation, matches] of [
    [
      "CreateMultipartUpload",
      (query: URLSearchParams, method: string): boolean => query.has("uploads") && method === "POST",
    ],
    [
      "CompleteMultipartUpload",
      (query: URLSearchParams, method: string): boolean =>
        query.has("uploadId") && !query.has("partNumber") && method === "POST",
    ],
  ] as const
) {
  Deno.test(`writeWhole() leaves nothing stored if ${operation} fails`, async () => {
    await using up = new UploadServer(({ method }, query) =>
      matches(query, method) ? errorAnswer(403, "AccessDenied") : undefined
    );
    const error = await assertRejects(
      () => writeWhole(up.client, TARGET, WRITE, PLAN, patternBytes(1000)),
      StorageError,
    );
    assertEquals(error.operation, operation);
    await assertNothingLeft(up);
  });
}

Deno.test("writeWhole() throws the error of the part, not that of aborting the upload", async () => {
  await using up = new UploadServer(({ method }, query) => {
    if (method === "DELETE") return errorAnswer(400, "InvalidRequest");
    return query.get("partNumber") === "1" ? errorAnswer(403, "AccessDenied") : undefined;
  });
  await assertRejects(() => writeWhole(up.client, TARGET, WRITE, PLAN, patternBytes(1000)), PermissionDeniedError);
});

Deno.test("writeWhole() splits bytes and Blobs into equal parts in order", async () => {
  for (const body of [patternBytes(1050), new Blob([patternBytes(1050)])]) {
    await using up = new UploadServer();
    await writeWhole(up.client, TARGET, WRITE, PLAN, body);
    assertEquals(up.sizes, [...Array(10).fill(100), 50]);
    assertEquals(up.server.objects("bucket")[0]?.bytes, patternBytes(1050));
    assert(up.mostUnderWay <= 3);
  }
});

Deno.test("writeWhole() sends content below the threshold in one request", async () => {
  for (const body of [patternBytes(99), new Blob([patternBytes(99)])]) {
    await using up = new UploadServer();
    await writeWhole(up.client, TARGET, WRITE, PLAN, body);
    assertEquals([up.operations, up.server.objects("bucket")[0]?.bytes], [["PutObject"], patternBytes(99)]);
  }
});

/** Whether a request completes an upload. */
function completes({ method }: Request, query: URLSearchParams): boolean {
  return method === "POST" && query.has("uploadId");
}

Deno.test("writeWhole() begins anew if completing meets another write: S3 has ended the upload", async () => {
  for (const body of [patternBytes(1000), new Blob([patternBytes(1000)])]) {
    let conflicts = 2;
    await using up = new UploadServer((request, query) =>
      completes(request, query) && conflicts-- > 0 ? errorAnswer(409, "ConditionalRequestConflict") : undefined
    );
    await writeWhole(up.client, TARGET, { headers: {}, overwrite: false }, PLAN, body);
    await up.idle();
    const [object] = up.server.objects("bucket");
    assertEquals([object?.bytes, up.server.openUploads("bucket")], [patternBytes(1000), []]);
    assertEquals(up.operations.filter((name) => name === "CreateMultipartUpload").length, 3);
  }
});

Deno.test("writeWhole() gives an error after three uploads that meet another write", async () => {
  let completions = 0;
  await using up = new UploadServer((request, query) => {
    if (!completes(request, query)) return undefined;
    completions++;
    return errorAnswer(409, "ConditionalRequestConflict");
  });
  const error = await assertRejects(
    () => writeWhole(up.client, TARGET, { headers: {}, overwrite: false }, PLAN, patternBytes(1000)),
    PreconditionFailedError,
  );
  await up.idle();
  assertEquals([error.s3Code, completions], ["ConditionalRequestConflict", 3]);
  assertEquals([up.server.objects("bucket"), up.server.openUploads("bucket")], [[], []]);
});
