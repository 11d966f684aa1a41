import { assertEquals, assertRejects } from "@std/assert";
import { putObject, WRITE_ID } from "../../../../src/client/operations/objects.ts";
import { PreconditionFailedError } from "../../../../src/errors.ts";
import { deleteExpected } from "../../../../src/transfer/write/delete_expected.ts";
import { UploadServer } from "../upload_server.ts";

const TARGET = { bucket: "bucket", key: "a.txt" };

/** Stores the object; returns its ETag. */
async function store(up: UploadServer): Promise<string> {
  const input = { ...TARGET, body: new Uint8Array([1]), headers: { [WRITE_ID]: "w" } };
  return (await putObject(up.client, input)).get("etag")!;
}

Deno.test("deleteExpected() deletes the expected object, and accepts a missing one", async () => {
  await using up = new UploadServer();
  const etag = await store(up);
  await deleteExpected(up.client, TARGET, { etag, writeId: "w" });
  assertEquals(up.server.objects("bucket"), []);
  await deleteExpected(up.client, TARGET, { etag, writeId: "w" });
});

Deno.test("deleteExpected() throws for another ETag, mark or time, and deletes nothing", async () => {
  await using up = new UploadServer();
  const etag = await store(up);
  for (const expected of [{ etag: '"other"' }, { etag, writeId: "other" }, { etag, modifiedTime: new Date(0) }]) {
    await assertRejects(
      () => deleteExpected(up.client, TARGET, expected),
      PreconditionFailedError,
      "Precondition failed for 'a.txt': another object is stored under this key",
    );
  }
  assertEquals(up.server.objects("bucket").length, 1);
});
