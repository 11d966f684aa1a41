// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Test code that stores files, without a network: with a storage in memory, or with an S3 server in memory.
 *
 * In a project the two tests at the end are `Deno.test(…)` or `it(…)` in a test file.
 *
 * @module
 */
import { S3Storage, type Storage } from "@storages/s3";
import { MemoryStorage } from "@storages/s3/storage";
import { createS3Server } from "@storages/s3/testing";
import { assertEquals, assertRejects } from "@std/assert";

/** The code to test. It takes any Storage: an S3Storage in production, a MemoryStorage in a quick test. */
async function saveAvatar(storage: Storage, user: string, picture: Blob): Promise<string> {
  if (!picture.type.startsWith("image/")) {
    throw new TypeError(`Cannot save the avatar of ${user}: it must be an image, got ${picture.type}`);
  }
  return await storage.save(`avatars/${user}.png`, picture, { cacheControl: "max-age=600" });
}

const picture = new Blob(["not really a picture"], { type: "image/png" });

async function anAvatarIsStoredUnderTheNameOfItsUser(): Promise<void> {
  const storage = new MemoryStorage({ baseUrl: "/media/" });
  const name = await saveAvatar(storage, "ada", picture);
  assertEquals(await storage.url(name), "/media/avatars/ada.png");
  assertEquals((await storage.stat(name)).contentType, "image/png");
  await assertRejects(() => saveAvatar(storage, "bob", new Blob(["text"], { type: "text/plain" })), TypeError);
  assertEquals(await storage.listdir("avatars"), [[], ["ada.png"]]);
}

/** For tests of requests, headers, signatures and errors of S3. */
async function anAvatarTakesOneRequestAndMayBeCached(): Promise<void> {
  const server = createS3Server({ buckets: ["media"] });
  const storage = new S3Storage({
    bucketName: "media",
    endpointUrl: "http://localhost:9000",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: server.fetch,
  });
  await saveAvatar(storage, "ada", picture);
  assertEquals(server.requests.map(({ operation, status }) => [operation, status]), [["PutObject", 200]]);
  assertEquals(server.objects("media")[0]?.headers["cache-control"], "max-age=600");
}

for (const test of [anAvatarIsStoredUnderTheNameOfItsUser, anAvatarTakesOneRequestAndMayBeCached]) {
  await test();
  console.log("ok:", test.name);
}
