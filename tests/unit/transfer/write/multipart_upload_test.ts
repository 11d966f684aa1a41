import { assertEquals, assertRejects } from "@std/assert";
import { PermissionDeniedError } from "../../../../src/errors.ts";
import { MultipartUpload } from "../../../../src/transfer/write/multipart_upload.ts";
import type { UploadProgress } from "../../../../src/transfer/write/write_parameters.ts";
import { patternBytes } from "../../random.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { clientOn, errorAnswer, networkError, withoutWaiting } from "../../transport.ts";
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

Deno.test("MultipartUpload.isContested() ignores an upload of its own whose response was lost, and no others", async () => {
  let ageSeconds = 0;
  const server = createS3Server({ buckets: ["bucket"], now: () => new Date(Date.now() - ageSeconds * 1000) });
  let losses = 0;
  let isUnsent = false;
  const fetch = async (request: Request): Promise<Response> => {
    if (isUnsent && losses-- > 0) throw networkError();
    const response = await server.fetch(request);
    if (request.method === "POST" && losses-- > 0) throw networkError();
    return response;
  };
  const keys = { endpointUrl: "http://localhost", accessKey: "testkey", secretKey: "testsecret" };
  const client = clientOn({ fetch }, { ...keys, securityToken: undefined });
  const begin = (): Promise<MultipartUpload> => MultipartUpload.begin(client, TARGET, WRITE, 1);
  losses = 2;
  const upload = await withoutWaiting(begin);
  assertEquals([server.openUploads("bucket").length, await upload.isContested()], [3, false]);
  const other = await begin();
  assertEquals([await upload.isContested(), await other.isContested()], [true, true]);
  await other.abort();
  assertEquals(await upload.isContested(), false);

  const target = { ...TARGET, key: "b.bin" };
  ageSeconds = 600; // an upload that began before the first attempt is another writer's
  await MultipartUpload.begin(client, target, WRITE, 1);
  ageSeconds = 0;
  isUnsent = true;
  losses = 1;
  const later = await withoutWaiting(() => MultipartUpload.begin(client, target, WRITE, 1));
  assertEquals(await later.isContested(), true);
});
