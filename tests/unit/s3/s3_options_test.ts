import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { S3_CALL_OPTIONS, type S3CallOptions, withCallOptions, withCallPlan } from "../../../src/s3/s3_options.ts";
import type { S3Storage } from "../../../src/s3/s3_storage.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { patternBytes } from "../random.ts";
import { s3On } from "../storage/storages.ts";
import { bareAnswer, scripted, type ScriptedTransport } from "../transport.ts";

const MIB = 1024 ** 2;

/** The options of each call; fails to compile if one is missing or too much. */
const NAMES: { readonly [Call in keyof S3CallOptions]: Readonly<Record<keyof S3CallOptions[Call], true>> } = {
  read: { versionId: true, objectParameters: true },
  head: { versionId: true, objectParameters: true },
  write: {
    storageClass: true,
    acl: true,
    tagging: true,
    serverSideEncryption: true,
    kmsKeyId: true,
    objectParameters: true,
    partSize: true,
    maxConcurrency: true,
  },
  delete: { versionId: true },
};

function stage(options: Parameters<typeof s3On>[1] = {}): { storage: S3Storage; server: S3Server } {
  const server = createS3Server({ buckets: ["media"] });
  return { server, storage: s3On(server, options) };
}

/** A storage whose requests are recorded. */
function recorded(headers: Record<string, string> = {}): { storage: S3Storage; transport: ScriptedTransport } {
  const transport = scripted(() =>
    new Response("hello", { headers: { "content-length": "5", etag: '"e"', "x-amz-version-id": "v2", ...headers } })
  );
  return { storage: s3On(transport), transport };
}

const last = ({ requests }: ScriptedTransport): Request => requests.at(-1)!;

Deno.test("the names of the options are those of the interfaces", () => {
  for (const [call, names] of Object.entries(NAMES)) {
    assertEquals(S3_CALL_OPTIONS[call as keyof S3CallOptions].toSorted(), Object.keys(names).toSorted(), call);
  }
  const { storage } = stage();
  assertStrictEquals(storage.backend.capabilities.options, S3_CALL_OPTIONS);
});

Deno.test("save() and open() for writing take the storage class, the ACL and the tags of the call", async () => {
  const { storage, server } = stage({ defaultAcl: "private", objectParameters: { StorageClass: "GLACIER_IR" } });
  const options = { storageClass: "STANDARD_IA", acl: "public-read", tagging: { team: "a b", "q+a": "1=1" } } as const;
  await storage.save("a.txt", "hello", options);
  const file = await storage.open("b.txt", "w", options);
  await file.write("hello");
  await file.close();
  for (const { key, storageClass, acl, tags } of server.objects("media")) {
    assertEquals([storageClass, acl, tags], ["STANDARD_IA", "public-read", { team: "a b", "q+a": "1=1" }], key);
  }
  await storage.save("c.txt", "hello", { tagging: "team=web&stage=live", storageClass: "", acl: "" });
  const made = server.objects("media").find(({ key }) => key === "c.txt")!;
  assertEquals([made.tags, made.storageClass, made.acl], [{ team: "web", stage: "live" }, "STANDARD", "private"]);
});

Deno.test("save() takes the encryption and the objectParameters of the call, and they take precedence", async () => {
  const { storage, transport } = recorded();
  const configured = s3On(transport, {
    objectParameters: { CacheControl: "no-store", ServerSideEncryption: "AES256" },
  });
  await configured.save("a.txt", "hello", {
    serverSideEncryption: "aws:kms",
    kmsKeyId: "key-1",
    objectParameters: { CacheControl: "max-age=5", RequestPayer: "requester", StorageClass: undefined },
  });
  const { headers } = last(transport);
  assertEquals([
    headers.get("x-amz-server-side-encryption"),
    headers.get("x-amz-server-side-encryption-aws-kms-key-id"),
    headers.get("cache-control"),
    headers.get("x-amz-request-payer"),
  ], ["aws:kms", "key-1", "max-age=5", "requester"]);
  await storage.save("a.txt", "hello", { cacheControl: "no-cache", objectParameters: { CacheControl: "max-age=5" } });
  assertEquals(last(transport).headers.get("cache-control"), "no-cache");
});

Deno.test("partSize and maxConcurrency of a call change the parts of that write", async () => {
  const { storage, server } = stage();
  const bytes = patternBytes(12 * MIB);
  const stored = (name: string): number | undefined =>
    server.objects("media").find(({ key }) => key === name)?.partCount;
  await storage.save("blob", new Blob([bytes]), { partSize: 5 * MIB, maxConcurrency: 1 });
  await storage.save("stream", new Blob([bytes]).stream(), { partSize: 5 * MIB });
  await storage.save("whole", bytes, { partSize: 64 * MIB });
  const file = await storage.open("handle", "wb", { partSize: 6 * MIB });
  await file.write(bytes);
  await file.close();
  assertEquals(["blob", "stream", "whole", "handle"].map(stored), [3, 3, undefined, 2]);
});

Deno.test("reads and attributes take the version of the call", async () => {
  const { storage, transport } = recorded();
  const versionId = "v+1";
  const calls: readonly (() => Promise<unknown>)[] = [
    () => storage.readText("a.txt", { versionId }),
    () => storage.readBytes("a.txt", { versionId, start: 0 }),
    async () => await (await storage.open("a.txt", "rb", { versionId })).close(),
    async () => await new Response(await storage.download("a.txt", { versionId, maxConcurrency: 1 })).text(),
    () => storage.stat("a.txt", { versionId }),
    () => storage.exists("a.txt", { versionId }),
    () => storage.size("a.txt", { versionId }),
    () => storage.delete("a.txt", { versionId }),
  ];
  for (const call of calls) {
    await call();
    assertEquals(new URL(last(transport).url).searchParams.get("versionId"), versionId, String(call));
  }
  await storage.readText("a.txt", { objectParameters: { RequestPayer: "requester" } });
  assertEquals(last(transport).headers.get("x-amz-request-payer"), "requester");
  assertEquals((await storage.stat("a.txt", { versionId })).versionId, "v2");
});

Deno.test("delete() with a version and ifMatch compares that version, and deletes it alone", async () => {
  const transport = scripted(bareAnswer(200, { etag: '"e"', "content-length": "5" }), bareAnswer(204));
  await s3On(transport).delete("a.txt", { versionId: "v1", ifMatch: '"e"' });
  assertEquals(
    transport.requests.map(({ method, url }) => [method, new URL(url).searchParams.get("versionId")]),
    [["HEAD", "v1"], ["DELETE", "v1"]],
  );
  const other = scripted(bareAnswer(200, { etag: '"other"', "content-length": "5" }));
  await assertRejects(() => s3On(other).delete("a.txt", { versionId: "v1", ifMatch: '"e"' }), Error, "Precondition");
  assertEquals(other.requests.length, 1);
});

Deno.test("wrong options of a call are refused by the names that the caller typed, before anything is sent", async () => {
  const { storage, transport } = recorded();
  // deno-lint-ignore no-explicit-any -- wrong on purpose
  const save = (options: any) => (): Promise<unknown> => storage.save("a.txt", "x", options);
  // deno-lint-ignore no-explicit-any -- wrong on purpose
  const read = (options: any) => (): Promise<unknown> => storage.readText("a.txt", options);
  const wrong: readonly (readonly [() => Promise<unknown>, typeof TypeError | typeof RangeError, string])[] = [
    [
      save({ storageClass: 5 }),
      TypeError,
      "Cannot write 'a.txt': storageClass must be text in printable ASCII without spaces around it, got 5",
    ],
    [save({ acl: "é" }), TypeError, "acl must be text in printable ASCII"],
    [save({ tagging: { a: 1 } }), TypeError, "tagging.a must be a string, got 1"],
    [save({ tagging: ["a"] }), TypeError, "tagging must be"],
    [save({ kmsKeyId: true }), TypeError, "kmsKeyId must be"],
    [
      save({ partSize: 5 }),
      RangeError,
      "Cannot write 'a.txt': partSize must be an integer from 5242880 to 5368709120, got 5",
    ],
    [save({ maxConcurrency: 0 }), RangeError, "maxConcurrency must be an integer from 1 to 1000, got 0"],
    [save({ objectParameters: { StorageKlass: "x" } }), TypeError, "Unknown object parameter 'StorageKlass'"],
    [save({ objectParameters: { VersionId: "v" } }), TypeError, "VersionId is for reading only"],
    [save({ objectParameters: [] }), TypeError, "objectParameters must be an object"],
    [save({ versionId: "v" }), TypeError, "unknown option 'versionId'"],
    [read({ versionId: "" }), TypeError, `Cannot read 'a.txt': versionId must be the id of a version, got ""`],
    [read({ versionId: 7 }), TypeError, "versionId must be text in printable ASCII without spaces around it, got 7"],
    [read({ storageClass: "STANDARD" }), TypeError, "unknown option 'storageClass'"],
    [() => storage.delete("a.txt", { versionId: "" }), TypeError, "Cannot delete 'a.txt': versionId must be"],
    [() => storage.copy("b.txt", "a.txt", { acl: "é" }), TypeError, "Cannot copy to 'a.txt': acl must be"],
  ];
  for (const [call, Kind, message] of wrong) await assertRejects(call, Kind, message);
  assertEquals(transport.requests, []);
});

Deno.test("withCallOptions() and withCallPlan() return the configured objects if a call has no such options", () => {
  const configured = Object.freeze({ CacheControl: "no-cache" });
  assertStrictEquals(withCallOptions(configured, {}, "read", "a"), configured);
  assertEquals(withCallOptions(configured, { kmsKeyId: "k" }, "write", "a"), {
    CacheControl: "no-cache",
    SSEKMSKeyId: "k",
  });
  const plan = { multipartThreshold: 8 * MIB, partSize: 8 * MIB, maxConcurrency: 4 };
  assertStrictEquals(withCallPlan(plan, {}, "a"), plan);
  assert(withCallPlan(plan, { partSize: 9 * MIB }, "a").multipartThreshold === 9 * MIB);
});
