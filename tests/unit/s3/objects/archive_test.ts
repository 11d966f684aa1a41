import { assertEquals, assertRejects } from "@std/assert";
import { isStorageError, NotFoundError, NotSupportedError, StorageError } from "../../../../src/errors.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { s3On } from "../../storage/storages.ts";
import { bareAnswer, errorAnswer, scripted } from "../../transport.ts";

const NOW = new Date("2026-01-31T12:00:00Z");
const ARCHIVED = { objectParameters: { StorageClass: "GLACIER" }, now: () => NOW };

Deno.test("restoreArchived() makes an archived file readable, and tells its state until then", async () => {
  const server = createS3Server({ buckets: ["media"], now: () => NOW });
  const storage = s3On(server, ARCHIVED);
  await storage.save("2020.csv", "a,b");
  const error = await assertRejects(() => storage.readText("2020.csv"), StorageError);
  assertEquals([error.s3Code, isStorageError(error, "Archived")], ["InvalidObjectState", true]);
  const { storageClass, restore } = await storage.stat("2020.csv");
  assertEquals([storageClass, restore], ["GLACIER", undefined]);

  assertEquals(await storage.restoreArchived("2020.csv", { days: 2, tier: "Bulk" }), "started");
  assertEquals(await storage.restoreArchived("2020.csv", { days: 2 }), "ongoing");
  assertEquals((await storage.stat("2020.csv")).restore, { ongoing: true, expiresAt: undefined });

  server.completeRestores("media");
  const expiresAt = new Date("2026-02-03T00:00:00Z"); // S3 rounds up to midnight
  assertEquals((await storage.stat("2020.csv")).restore, { ongoing: false, expiresAt });
  assertEquals(await storage.readText("2020.csv"), "a,b");
  assertEquals(await storage.restoreArchived("2020.csv", { days: 9 }), "restored");
});

Deno.test("restoreArchived() restores one version", async () => {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"], now: () => NOW });
  const { versionId } = await s3On(server, ARCHIVED).save("a.txt", "first", { details: true });
  const storage = s3On(server, { now: () => NOW });
  await storage.save("a.txt", "second");
  await assertRejects(() => storage.restoreArchived("a.txt", { days: 1 }), NotSupportedError);
  assertEquals(await storage.restoreArchived("a.txt", { days: 1, versionId }), "started");
});

Deno.test("restoreArchived() refuses a file that is not archived or missing", async () => {
  const storage = s3On(createS3Server({ buckets: ["media"] }));
  await storage.save("a.txt", "hello");
  await assertRejects(
    () => storage.restoreArchived("a.txt", { days: 1 }),
    NotSupportedError,
    "Cannot restore 'a.txt': it is not archived",
  );
  await assertRejects(() => storage.restoreArchived("b.txt", { days: 1 }), NotFoundError, "File does not exist: b.txt");
});

Deno.test("restoreArchived() sends no days unless they are given, as S3 refuses them for INTELLIGENT_TIERING", async () => {
  const transport = scripted(bareAnswer(202));
  await s3On(transport).restoreArchived("a.txt");
  const body = await transport.requests[0]!.text();
  assertEquals([body.includes("<Days>"), body.includes("<Tier>Standard</Tier>")], [false, true]);
});

Deno.test("restoreArchived() passes on other failures", async () => {
  const storage = s3On(scripted(errorAnswer(403, "AccessDenied")));
  await assertRejects(() => storage.restoreArchived("a.txt", { days: 1 }), StorageError, "AccessDenied");
});

Deno.test("stat() tells the archive tier and the restoration, also if the headers are odd", async () => {
  const of = async (headers: Record<string, string>): Promise<unknown[]> => {
    const transport = scripted(bareAnswer(200, { "content-length": "5", etag: '"e"', ...headers }));
    const { archiveStatus, restore } = await s3On(transport).stat("a.txt");
    return [archiveStatus, restore];
  };
  assertEquals(await of({}), [undefined, undefined]);
  const restored = 'ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"';
  assertEquals(await of({ "x-amz-archive-status": "DEEP_ARCHIVE_ACCESS", "x-amz-restore": restored }), [
    "DEEP_ARCHIVE_ACCESS",
    { ongoing: false, expiresAt: new Date("2012-12-21T00:00:00Z") },
  ]);
  assertEquals(await of({ "x-amz-restore": 'ongoing-request="true"' }), [
    undefined,
    { ongoing: true, expiresAt: undefined },
  ]);
  assertEquals(await of({ "x-amz-restore": 'ongoing-request="false", expiry-date="soon"' }), [
    undefined,
    { ongoing: false, expiresAt: undefined },
  ]);
  assertEquals(await of({ "x-amz-restore": "perhaps" }), [undefined, undefined]);
});
