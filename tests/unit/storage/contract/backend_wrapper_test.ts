import { assertEquals, assertRejects } from "@std/assert";
import { PrefixBackend } from "../../../../examples/prefix_backend.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import { BackendWrapper, NotSupportedError, Storage } from "../../../../src/storage/mod.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";

function bucket(bucketName: string, { fetch }: Pick<ReturnType<typeof createS3Server>, "fetch">): S3Storage {
  return new S3Storage({ bucketName, accessKey: "testkey", secretKey: "testsecret", fetch });
}

Deno.test("a copy from another bucket reaches a wrapper's own keys, not those of the wrapped backend", async () => {
  const server = createS3Server({ buckets: ["from", "to"] });
  const [from, to] = [bucket("from", server), bucket("to", server)];
  const tenant = new Storage(new PrefixBackend(to.backend, "tenants/7/"));
  await from.save("a.txt", "hello", { cacheControl: "no-cache" });
  assertEquals(await from.copyTo("a.txt", tenant), "a.txt");
  assertEquals([await to.exists("a.txt"), await to.readText("tenants/7/a.txt")], [false, "hello"]);
  assertEquals((await tenant.stat("a.txt")).cacheControl, "no-cache");
});

Deno.test("a wrapper that refuses writes refuses copies from other storages", async () => {
  class ReadOnlyBackend extends BackendWrapper {
    override put(key: string): Promise<never> {
      return Promise.reject(new NotSupportedError(`Cannot write '${key}'`));
    }
    override write(key: string): never {
      throw new NotSupportedError(`Cannot write '${key}'`);
    }
  }
  const server = createS3Server({ buckets: ["from", "to"] });
  const [from, to] = [bucket("from", server), bucket("to", server)];
  await from.save("a.txt", "hello");
  await assertRejects(() => from.copyTo("a.txt", new Storage(new ReadOnlyBackend(to.backend))), NotSupportedError);
  assertEquals(await to.exists("a.txt"), false);
});
