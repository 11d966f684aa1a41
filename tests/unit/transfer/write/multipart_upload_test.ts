import { assertEquals, assertRejects } from "@std/assert";
import { PermissionDeniedError } from "../../../../src/errors.ts";
import { MultipartUpload } from "../../../../src/transfer/write/multipart_upload.ts";
import type { UploadProgress } from "../../../../src/transfer/write/write_parameters.ts";
import { patternBytes } from "../../random.ts";
import { errorAnswer } from "../../transport.ts";
import { UploadServer } from "../upload_server.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const WRITE = { headers: {}, overwrite: true };

Deno.test("MultipartUpload publishes its parts in order, and reports the progress", async () => {
  await using up = new UploadServer();
  const reports: UploadProgress[] = [];
  const parameters = { ...WRITE, onProgress: (progress: UploadProgress) => reports.push(progress) };
  const upload = await MultipartUpload.begin(up.client, TARGET, parameters, 2);
  const released: boolean[] = [];
  for (let start = 0; start < 300; start += 100) {
    assertEquals(upload.nextPartNumber, start / 100 + 1);
    const release = (isSent: boolean): Promise<void> => Promise.resolve(void released.push(isSent));
    await upload.add(patternBytes(300).slice(start, start + 100), release);
  }
  await upload.settle();
  assertEquals([up.server.objects("bucket"), released], [[], [true, true, true]]);
  await upload.complete({}, {});
  upload.reportEnd();
  assertEquals(up.server.objects("bucket")[0]?.bytes, patternBytes(300));
  assertEquals(reports.at(0), { bytes: 100, parts: 1, total: undefined });
  assertEquals(reports.at(-1), { bytes: 300, parts: 3, total: 300 });
});

Deno.test("MultipartUpload.add() throws the error of an earlier part, which onFailure receives first", async () => {
  await using up = new UploadServer((_, query) =>
    query.has("partNumber") ? errorAnswer(403, "AccessDenied") : undefined
  );
  const failures: unknown[] = [];
  const upload = await MultipartUpload.begin(up.client, TARGET, WRITE, 1, (reason) => failures.push(reason));
  await upload.add(patternBytes(1));
  await assertRejects(() => upload.add(patternBytes(1)), PermissionDeniedError);
  assertEquals([failures.length, failures[0] instanceof PermissionDeniedError], [1, true]);
  await assertRejects(() => upload.settle(), PermissionDeniedError);
  await upload.abort();
  assertEquals(up.server.openUploads("bucket"), []);
});

Deno.test("MultipartUpload.isContested() detects an existing object and another upload", async () => {
  await using up = new UploadServer();
  const upload = await MultipartUpload.begin(up.client, TARGET, WRITE, 1);
  assertEquals(await upload.isContested(), false);
  const other = await MultipartUpload.begin(up.client, TARGET, WRITE, 1);
  assertEquals([await upload.isContested(), await other.isContested()], [true, true]);
  await other.add(patternBytes(1));
  await other.settle();
  await other.complete({}, {});
  assertEquals(await upload.isContested(), true);
  await upload.abort();
});
