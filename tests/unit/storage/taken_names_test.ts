import { assertEquals, assertRejects } from "@std/assert";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";

Deno.test("getAvailableName() refuses an unknown policy, instead of returning a taken name", async () => {
  const storage = new MemoryStorage();
  await storage.save("taken.png", "x");
  const wrong = { onExisting: "renam" as "rename" };
  await assertRejects(() => storage.getAvailableName("taken.png", wrong), TypeError, "onExisting must be");
});

Deno.test("copy() and copyTo() refuse a name of getAvailableName() that is not a file's", async () => {
  class Folders extends MemoryStorage {
    override getAvailableName(): Promise<string> {
      return Promise.resolve("folder/");
    }
  }
  const storage = new MemoryStorage();
  await storage.save("a.txt", "x");
  const server = createS3Server({ buckets: ["media"] });
  const options = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch };
  class S3Folders extends S3Storage {
    override getAvailableName(): Promise<string> {
      return Promise.resolve("folder/");
    }
  }
  const from = new S3Storage(options);
  await from.save("a.txt", "x");
  for (
    const copy of [() => storage.copyTo("a.txt", new Folders()), () => from.copyTo("a.txt", new S3Folders(options))]
  ) {
    const error = await assertRejects(copy, Error, "Could not derive file name from 'folder/'");
    assertEquals(error.name, "SuspiciousNameError");
  }
});

Deno.test("save() finds another name if one is deleted and taken again while it tries", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const settings = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fileOverwrite: false };
  const other = new S3Storage({ ...settings, fetch: server.fetch });
  let lost = 0;
  const storage = new S3Storage({
    ...settings,
    fetch: async (request) => {
      // Another writer takes the name right before each of the first two writes, and frees it before the next check.
      if (request.method === "HEAD" && lost > 0) await other.delete("a.txt");
      if (request.method === "PUT" && lost++ < 2) await other.save("a.txt", "by another", { onExisting: "replace" });
      return await server.fetch(request);
    },
  });
  assertEquals(await storage.save("a.txt", "mine"), "a.txt");
  assertEquals([await other.readText("a.txt"), lost], ["mine", 3]);
});
