// deno-lint-ignore-file no-import-prefix -- only these tests need the clients; deno.json lists what the package needs.
/** The AWS SDK understands the server's answers about versions, archives, tags and ACLs. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  InvalidObjectState,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
  S3Client,
} from "npm:@aws-sdk/client-s3@^3.1163.0";
import { CREDENTIALS, serve, type ServedServer } from "./served_server.ts";

const Bucket = "media";

function sdkClient(served: ServedServer): S3Client {
  return new S3Client({
    region: "us-east-1",
    endpoint: served.endpoint,
    forcePathStyle: true,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
}

Deno.test("AWS SDK writes, lists, reads, restores and deletes versions", async () => {
  await using served = serve();
  const client = sdkClient(served);
  assertEquals((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  assertEquals((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status, "Enabled");
  const Key = "a b+ü.txt";
  const first = await client.send(new PutObjectCommand({ Bucket, Key, Body: "first" }));
  const second = await client.send(new PutObjectCommand({ Bucket, Key, Body: "second" }));
  const deleted = await client.send(new DeleteObjectCommand({ Bucket, Key }));
  assertEquals(deleted.DeleteMarker, true);
  const history = await client.send(new ListObjectVersionsCommand({ Bucket }));
  assertEquals(history.Versions?.map((version) => [version.Key, version.VersionId, version.IsLatest, version.Size]), [
    [Key, second.VersionId, false, 6],
    [Key, first.VersionId, false, 5],
  ]);
  assertEquals(history.DeleteMarkers?.map((marker) => [marker.Key, marker.VersionId, marker.IsLatest]), [
    [Key, deleted.VersionId, true],
  ]);
  const pages: (string | undefined)[] = [];
  let KeyMarker: string | undefined, VersionIdMarker: string | undefined;
  do {
    const page = await client.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: "a", MaxKeys: 1, KeyMarker, VersionIdMarker }),
    );
    pages.push(...[...page.Versions ?? [], ...page.DeleteMarkers ?? []].map((version) => version.VersionId));
    [KeyMarker, VersionIdMarker] = [page.NextKeyMarker, page.NextVersionIdMarker];
  } while (KeyMarker !== undefined);
  assertEquals(pages, [deleted.VersionId, second.VersionId, first.VersionId]);
  const missing = await assertRejects(() => client.send(new GetObjectCommand({ Bucket, Key }))) as Error;
  assertEquals(missing.name, "NoSuchKey");
  const old = await client.send(new GetObjectCommand({ Bucket, Key, VersionId: first.VersionId }));
  assertEquals([await old.Body!.transformToString(), old.VersionId], ["first", first.VersionId]);
  const CopySource = `${Bucket}/${encodeURIComponent(Key)}?versionId=${first.VersionId}`;
  const restored = await client.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
  assertEquals(restored.CopySourceVersionId, first.VersionId);
  const all = await client.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: {
        Objects: [first, second, deleted, restored].map(({ VersionId }) => ({ Key, VersionId })),
      },
    }),
  );
  assertEquals(all.Deleted?.map((entry) => [entry.VersionId, entry.DeleteMarker, entry.DeleteMarkerVersionId]), [
    [first.VersionId, undefined, undefined],
    [second.VersionId, undefined, undefined],
    [deleted.VersionId, true, deleted.VersionId],
    [restored.VersionId, undefined, undefined],
  ]);
  assertEquals(served.server.versions(Bucket), []);
  client.destroy();
});

Deno.test("AWS SDK restores an archived object", async () => {
  await using served = serve();
  const client = sdkClient(served);
  const Key = "old.bin";
  await client.send(new PutObjectCommand({ Bucket, Key, Body: "archived", StorageClass: "DEEP_ARCHIVE" }));
  const refused = await assertRejects(() => client.send(new GetObjectCommand({ Bucket, Key })), InvalidObjectState);
  assertEquals([refused.StorageClass, refused.$metadata.httpStatusCode], ["DEEP_ARCHIVE", 403]);
  const restore = new RestoreObjectCommand({
    Bucket,
    Key,
    RestoreRequest: { Days: 2, GlacierJobParameters: { Tier: "Bulk" } },
  });
  assertEquals((await client.send(restore)).$metadata.httpStatusCode, 202);
  const ongoing = await client.send(new HeadObjectCommand({ Bucket, Key }));
  assertEquals([ongoing.StorageClass, ongoing.Restore], ["DEEP_ARCHIVE", 'ongoing-request="true"']);
  const busy = await assertRejects(() => client.send(restore)) as Error;
  assertEquals(busy.name, "RestoreAlreadyInProgress");
  served.server.completeRestores(Bucket);
  const done = await client.send(new HeadObjectCommand({ Bucket, Key }));
  assert(/^ongoing-request="false", expiry-date="\w{3}, .* 00:00:00 GMT"$/.test(done.Restore ?? ""), done.Restore);
  const list = await client.send(new ListObjectsV2Command({ Bucket, OptionalObjectAttributes: ["RestoreStatus"] }));
  const status = list.Contents?.[0]?.RestoreStatus;
  assertEquals(status?.IsRestoreInProgress, false);
  assertEquals(status?.RestoreExpiryDate?.toUTCString(), /expiry-date="(.*)"/.exec(done.Restore ?? "")?.[1]);
  const read = await client.send(new GetObjectCommand({ Bucket, Key }));
  assertEquals(await read.Body!.transformToString(), "archived");
  assertEquals((await client.send(restore)).$metadata.httpStatusCode, 200);
  client.destroy();
});

Deno.test("AWS SDK reads and sets tags and ACLs", async () => {
  await using served = serve();
  const client = sdkClient(served);
  const Key = "a.txt";
  await client.send(new PutObjectCommand({ Bucket, Key, Body: "x", Tagging: "a=1&b=two%20words" }));
  const TagSet = [{ Key: "a", Value: "1" }, { Key: "b", Value: "two words" }];
  assertEquals((await client.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet, TagSet);
  await client.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: TagSet.slice(1) } }));
  assertEquals((await client.send(new GetObjectCommand({ Bucket, Key }))).TagCount, 1);
  await client.send(new PutObjectAclCommand({ Bucket, Key, ACL: "public-read" }));
  const acl = await client.send(new GetObjectAclCommand({ Bucket, Key }));
  assertEquals(acl.Grants?.map(({ Grantee, Permission }) => [Grantee?.Type, Permission]), [
    ["CanonicalUser", "FULL_CONTROL"],
    ["Group", "READ"],
  ]);
  const { Owner, Grants } = acl;
  await client.send(
    new PutObjectAclCommand({ Bucket, Key, AccessControlPolicy: { Owner: Owner!, Grants: Grants!.slice(0, 1) } }),
  );
  assertEquals(served.server.objects(Bucket)[0]?.acl, "private");
  client.destroy();
});
