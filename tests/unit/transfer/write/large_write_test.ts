import { assertEquals, assertRejects } from "@std/assert";
import { NotSupportedError } from "../../../../src/errors.ts";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import type { S3Client } from "../../../../src/client/s3_client.ts";
import { beginLargeWrite, completeUpload } from "../../../../src/transfer/write/large_write.ts";
import type { WriteParameters } from "../../../../src/transfer/write/write_parameters.ts";
import { patternBytes } from "../../random.ts";
import { clientOn } from "../../transport.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const KEEP: WriteParameters = { headers: {}, overwrite: false };
const OPTIONS = { maxConcurrency: 2, onFailure: (): void => {} };

function stage(unconditional: string[] = []): { server: S3Server; client: S3Client } {
  const server = createS3Server({ buckets: ["bucket"], unconditional });
  const keys = { endpointUrl: "http://localhost", accessKey: "testkey", secretKey: "testsecret" };
  return { server, client: clientOn(server, { ...keys, securityToken: undefined }) };
}

Deno.test("beginLargeWrite() and completeUpload() store an object from parts", async () => {
  const { server, client } = stage();
  const begun = (await beginLargeWrite(client, TARGET, KEEP, { ...OPTIONS, mayBeWhole: false }))!;
  await begun.upload.add(patternBytes(10));
  const { replaced } = await completeUpload(client, begun.target, KEEP, begun.upload);
  assertEquals([replaced, server.objects("bucket").map(({ key }) => key)], [false, ["a.bin"]]);
});

Deno.test("beginLargeWrite() returns undefined, or throws, where parts have no conditions", async () => {
  const { server, client } = stage(["CompleteMultipartUpload"]);
  assertEquals(await beginLargeWrite(client, TARGET, KEEP, { ...OPTIONS, mayBeWhole: true }), undefined);
  await assertRejects(
    () => beginLargeWrite(client, TARGET, KEEP, { ...OPTIONS, mayBeWhole: false }),
    NotSupportedError,
    "Cannot write 'a.bin' without the risk of overwriting",
  );
  assertEquals(server.openUploads("bucket"), []);
});

Deno.test("beginLargeWrite() uses a unique key where parts have no conditions, or the key is contested", async () => {
  const unique = { ...KEEP, uniqueKey: () => Promise.resolve("unique.bin") };
  for (const unconditional of [["CompleteMultipartUpload"], []]) {
    const { client } = stage(unconditional);
    const options = { ...OPTIONS, mayBeWhole: false };
    const other = unconditional.length === 0 ? await beginLargeWrite(client, TARGET, KEEP, options) : undefined;
    const begun = (await beginLargeWrite(client, TARGET, unique, options))!;
    assertEquals(begun.target.key, "unique.bin");
    await begun.upload.abort();
    await other?.upload.abort();
  }
});
