import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { ObjectParameters, S3StorageOptions } from "../../../src/settings/options.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { errorAnswer, scripted, withoutWaiting } from "../transport.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const OTHER_KEY = "fedcba9876543210fedcba9876543210";

/** A storage that encrypts names that begin with `one` with one key, and those with `other` with another. */
class Encrypted extends S3Storage {
  override getObjectParameters(name: string): ObjectParameters {
    const configured = super.getObjectParameters(name);
    if (name.startsWith("one")) return { ...configured, SSECustomerKey: KEY };
    return name.startsWith("other") ? { ...configured, SSECustomerKey: OTHER_KEY } : configured;
  }
}

function optionsOn(server: Pick<S3Server, "fetch">): S3StorageOptions {
  return { bucketName: "bucket", accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch };
}

Deno.test("copy() works between objects with different SSE-C keys and without one", async () => {
  const server = createS3Server({ buckets: ["bucket"] });
  const storage = new Encrypted(optionsOn(server));
  const names = ["one.txt", "other.txt", "plain.txt"];
  for (const from of names) {
    await storage.save(from, `from ${from}`);
    for (const to of names.map((name) => name.replace(".", "-copy."))) {
      await storage.copy(from, to);
      assertEquals(await (await storage.open(to)).text(), `from ${from}`);
    }
  }
  const encrypted = server.objects("bucket").filter(({ headers }) =>
    "x-amz-server-side-encryption-customer-key-md5" in headers
  );
  assertEquals(encrypted.map(({ key }) => key), ["one-copy.txt", "one.txt", "other-copy.txt", "other.txt"]);
  await assertRejects(() => new S3Storage(optionsOn(server)).open("one.txt"));
});

Deno.test("an SSE-C key is not sent without TLS: the storage, or the operation, throws", async () => {
  const transport = scripted(errorAnswer(500, "InternalError"));
  for (
    const endpointUrl of ["http://s3.example.com", "http://localhost.example.com:80", "http://127.0.0.1.example.com"]
  ) {
    const options = { ...optionsOn(transport), endpointUrl };
    const error = assertThrows(
      () => new S3Storage({ ...options, objectParameters: { SSECustomerKey: KEY } }),
      ConfigurationError,
      "SSECustomerKey requires an https endpoint, got http://",
    );
    assertEquals(error.message.includes(KEY), false);
    await assertRejects(
      () => new Encrypted(options).save("one.txt", "x"),
      ConfigurationError,
      "requires an https endpoint",
    );
    await assertRejects(
      () => new Encrypted(options).copy("one.txt", "b.txt"),
      ConfigurationError,
      "requires an https endpoint",
    );
  }
  assertThrows(
    () => new S3Storage({ ...optionsOn(transport), useSsl: false, objectParameters: { SSECustomerKey: KEY } }),
    ConfigurationError,
  );
  assertEquals(transport.requests.length, 0);
});

Deno.test("an SSE-C key is sent over TLS and to this machine", async () => {
  for (
    const endpointUrl of [
      "https://s3.example.com",
      "http://localhost:9000",
      "http://s3.localhost",
      "http://127.0.0.1:9000",
      "http://[::1]:9000",
    ]
  ) {
    const transport = scripted(new Response(null, { headers: { "content-length": "1" } }));
    const storage = new S3Storage({
      ...optionsOn(transport),
      endpointUrl,
      addressingStyle: "path",
      objectParameters: { SSECustomerKey: KEY },
    });
    assertEquals(await storage.size("a.txt"), 1);
    const { headers } = transport.requests[0]!;
    assertEquals(headers.get("x-amz-server-side-encryption-customer-key"), btoa(KEY));
    assertEquals(headers.get("x-amz-server-side-encryption-customer-key-md5"), "hRasmdxgYDKV3nvbahU1MA==");
  }
});

Deno.test("a given MD5 of an SSE-C key is sent unchanged", async () => {
  const transport = scripted(new Response(null, { headers: { "content-length": "1" } }));
  const objectParameters = { SSECustomerKey: KEY, SSECustomerKeyMD5: "given" };
  await new S3Storage({ ...optionsOn(transport), objectParameters }).size("a.txt");
  assertEquals(transport.requests[0]!.headers.get("x-amz-server-side-encryption-customer-key-md5"), "given");
});

Deno.test("an SSE-C key is not shown by inspecting a storage or an error", async () => {
  const seen: unknown[] = [];
  const bytes = new TextEncoder().encode(KEY);
  for (const SSECustomerKey of [KEY, bytes]) {
    for (const answer of [errorAnswer(400, "InvalidRequest"), errorAnswer(503, "SlowDown"), new TypeError("network")]) {
      const options = { ...optionsOn(scripted(answer)), clientConfig: { maxAttempts: 2 } };
      const storage = new S3Storage({ ...options, objectParameters: { SSECustomerKey } });
      seen.push(storage);
      await withoutWaiting(async () => {
        for (const call of [() => storage.save("a", "b"), () => storage.open("a"), () => storage.copy("a", "b")]) {
          seen.push(await (call() as Promise<unknown>).catch((error: unknown) => error));
        }
      });
    }
  }
  for (const value of seen) {
    for (
      const text of [
        Deno.inspect(value, { depth: Infinity, showHidden: true }),
        inspect(value, { depth: Infinity, showHidden: true }),
        JSON.stringify(value),
      ]
    ) {
      assertEquals(text.includes(KEY) || text.includes(btoa(KEY)) || text.includes("48, 49, 50"), false, text);
    }
  }
});

Deno.test("the settings of a storage hide the SSE-C key only", () => {
  const objectParameters = { SSECustomerKey: KEY, ACL: "private" };
  const storage = new S3Storage({ ...optionsOn(scripted(new Response())), objectParameters });
  assertEquals(storage.settings.objectParameters, { SSECustomerKey: "******", ACL: "private" });
  assertEquals(Object.isFrozen(storage.settings) && Object.isFrozen(storage.settings.objectParameters), true);
  assertEquals(storage.getObjectParameters("a.txt"), objectParameters);
});
