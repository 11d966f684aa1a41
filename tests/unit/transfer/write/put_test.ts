import { assertEquals, assertRejects } from "@std/assert";
import { WRITE_ID } from "../../../../src/client/operations/objects.ts";
import { AlreadyExistsError } from "../../../../src/errors.ts";
import { newWriteId, putWhole } from "../../../../src/transfer/write/put.ts";
import type { UploadProgress } from "../../../../src/transfer/write/write_parameters.ts";
import { UploadServer } from "../upload_server.ts";

const TARGET = { bucket: "bucket", key: "a.txt" };
const BODY = new Uint8Array([1, 2, 3]);

Deno.test("putWhole() stores an object and reports its end", async () => {
  await using up = new UploadServer();
  const reports: UploadProgress[] = [];
  const parameters = { headers: {}, overwrite: true, onProgress: (progress: UploadProgress) => reports.push(progress) };
  const { replaced, writeId } = await putWhole(up.client, TARGET, parameters, BODY);
  assertEquals([replaced, writeId], [true, undefined]);
  assertEquals(reports, [{ bytes: 3, parts: 1, total: 3 }]);
  assertEquals(up.operations, ["PutObject"]);
});

Deno.test("putWhole() without overwriting marks the object, and throws for an existing one", async () => {
  await using up = new UploadServer();
  const parameters = { headers: {}, overwrite: false };
  const { replaced, writeId } = await putWhole(up.client, TARGET, parameters, BODY);
  assertEquals([replaced, up.server.objects("bucket")[0]?.metadata[WRITE_ID.slice(11)]], [false, writeId]);
  await assertRejects(() => putWhole(up.client, TARGET, parameters, BODY), AlreadyExistsError);
});

Deno.test("newWriteId() marks only writes that may fail on their own object or be revoked", () => {
  const headers = {};
  assertEquals(newWriteId({ headers, overwrite: true }), undefined);
  for (
    const parameters of [{ overwrite: false }, { overwrite: true, identified: true }, {
      overwrite: true,
      conditions: {},
    }]
  ) {
    assertEquals(typeof newWriteId({ headers, ...parameters }), "string");
  }
});
