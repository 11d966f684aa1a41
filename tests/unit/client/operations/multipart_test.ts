import { assertEquals, assertRejects } from "@std/assert";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
} from "../../../../src/client/operations/multipart.ts";
import { NotFoundError, ServiceError } from "../../../../src/errors.ts";
import { UploadServer } from "../../transfer/upload_server.ts";
import { bareAnswer, clientOn, networkError, scripted, withoutWaiting, xmlAnswer } from "../../transport.ts";

const TARGET = { bucket: "bucket", key: "a" };

Deno.test("the operations of a multipart upload store an object from its parts", async () => {
  await using up = new UploadServer();
  const uploadId = await createMultipartUpload(up.client, { ...TARGET, headers: { "content-type": "text/plain" } });
  const upload = { ...TARGET, uploadId };
  const parts = [];
  for (const partNumber of [2, 1]) {
    parts.push(await uploadPart(up.client, { ...upload, partNumber, body: new Uint8Array([partNumber]) }));
  }
  assertEquals((await listParts(up.client, upload)).map(({ partNumber, size }) => [partNumber, size]), [[1, 1], [
    2,
    1,
  ]]);
  const { etag } = await completeMultipartUpload(up.client, { ...upload, parts, headers: {} });
  assertEquals(etag.slice(-3), '-2"');
  assertEquals(up.server.objects("bucket")[0]?.bytes, new Uint8Array([1, 2]));
});

Deno.test("abortMultipartUpload() deletes an upload", async () => {
  await using up = new UploadServer();
  const uploadId = await createMultipartUpload(up.client, { ...TARGET, headers: {} });
  await abortMultipartUpload(up.client, { ...TARGET, uploadId });
  assertEquals(up.server.openUploads("bucket"), []);
  await assertRejects(() => listParts(up.client, { ...TARGET, uploadId }), NotFoundError);
});

Deno.test("createMultipartUpload() is retried after lost responses, and needs an UploadId", async () => {
  const created = xmlAnswer("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
  const lost = scripted(networkError(), bareAnswer(500), networkError(), created);
  const creating = withoutWaiting(() => createMultipartUpload(clientOn(lost), { ...TARGET, headers: {} }));
  assertEquals([await creating, lost.requests.length], ["u", 4]);
  for (const content of ["", "<UploadId/>", "<UploadId> </UploadId>"]) {
    const answer = xmlAnswer(`<InitiateMultipartUploadResult>${content}</InitiateMultipartUploadResult>`);
    const creating = createMultipartUpload(clientOn(scripted(answer)), { ...TARGET, headers: {} });
    await assertRejects(() => creating, ServiceError, "missing UploadId");
  }
});

Deno.test("uploadPart() needs an ETag", () =>
  withoutWaiting(async () => {
    const input = { ...TARGET, uploadId: "u", partNumber: 1, body: new Uint8Array(1) };
    await assertRejects(() => uploadPart(clientOn(scripted(bareAnswer(200))), input), ServiceError, "missing ETag");
  }));

Deno.test("completeMultipartUpload() also reads the document of servers that name it a response, as moto does", async () => {
  const completed = xmlAnswer('<CompleteMultipartUploadResponse><ETag>"e"</ETag></CompleteMultipartUploadResponse>');
  const upload = { ...TARGET, uploadId: "u", parts: [{ partNumber: 1, etag: '"p"' }], headers: {} };
  const { etag } = await completeMultipartUpload(clientOn(scripted(completed)), upload);
  assertEquals(etag, '"e"');
});
