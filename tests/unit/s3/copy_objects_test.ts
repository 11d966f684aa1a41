/** Copies with other attributes, and in place. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { isStorageError, NotSupportedError } from "../../../src/errors.ts";
import type { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { createS3Server, type S3Server, type S3ServerObject } from "../../../src/testing/mod.ts";
import { patternBytes } from "../random.ts";
import { s3On } from "../storage/storages.ts";

const MIB = 1024 ** 2;
const OTHER_SERVER = { endpointUrl: "http://localhost" };
const ATTRIBUTES = {
  contentType: "video/mp4",
  cacheControl: "max-age=60",
  contentDisposition: "inline",
  contentLanguage: "de",
  contentEncoding: "x-own",
  metadata: { owner: "ada" },
} as const;
const OWN = { acl: "public-read", storageClass: "STANDARD_IA", tagging: { team: "web" } } as const;

type Intercept = (request: Request) => Response | undefined | Promise<Response | undefined>;

interface Stage {
  readonly storage: S3Storage;
  readonly server: S3Server;
  find(name: string): S3ServerObject;
  operations(): (string | undefined)[];
}

function stage(
  options: S3StorageOptions = {},
  { maxCopySize, intercept = () => undefined }: { maxCopySize?: number; intercept?: Intercept } = {},
): Stage {
  const server = createS3Server({ buckets: ["media"], ...(maxCopySize === undefined ? {} : { maxCopySize }) });
  const fetch = async (request: Request): Promise<Response> => await intercept(request) ?? await server.fetch(request);
  let seen = 0;
  return {
    server,
    storage: s3On({ fetch }, options),
    find: (name) => server.objects("media").find(({ key }) => key === name)!,
    operations: () => {
      const { requests } = server;
      const now = requests.slice(seen).map(({ operation }) => operation);
      seen = requests.length;
      return now;
    },
  };
}

Deno.test("copy() onto itself changes the given attributes on the server and keeps all others", async () => {
  for (const options of [{}, OTHER_SERVER]) {
    const { storage, find, operations } = stage(options);
    await storage.save("a.bin", "hello", { ...ATTRIBUTES, ...OWN });
    const before = find("a.bin");
    operations();
    assertEquals(await storage.copy("a.bin", "a.bin", { cacheControl: "no-cache" }), "a.bin");
    assertEquals(operations().filter((name) => /PutObject$|GetObject$/.test(name ?? "")), []);
    const after = find("a.bin");
    assertEquals(after.headers, { ...before.headers, "cache-control": "no-cache" });
    assertEquals([after.contentType, after.metadata, after.tags, after.acl, after.storageClass], [
      "video/mp4",
      { owner: "ada" },
      { team: "web" },
      "public-read",
      "STANDARD_IA",
    ]);
  }
});

Deno.test("copy() with attributes changes them in the copy alone; empty texts unset them", async () => {
  const { storage, find } = stage();
  await storage.save("a.bin", "hello", { ...ATTRIBUTES, ...OWN });
  await storage.copy("a.bin", "b.bin", {
    contentType: "",
    contentEncoding: "",
    contentDisposition: "",
    metadata: { Stage: "live" },
    storageClass: "",
    acl: "",
    tagging: "",
  });
  const copied = find("b.bin");
  assertEquals([copied.contentType, copied.metadata, copied.tags], ["video/mp4", { stage: "live" }, {}]);
  assertEquals([copied.acl, copied.storageClass], ["private", "STANDARD"]);
  const { cacheControl, contentDisposition, contentEncoding, contentLanguage } = await storage.stat("b.bin");
  assertEquals([cacheControl, contentLanguage], ["max-age=60", "de"]);
  assertEquals([contentDisposition, contentEncoding], [undefined, undefined]);
  assertEquals(find("a.bin").metadata, { owner: "ada" });
  await storage.copy("a.bin", "a.bin", { metadata: {}, tagging: "stage=live", acl: "authenticated-read" });
  const changed = find("a.bin");
  assertEquals([changed.metadata, changed.tags, changed.acl], [{}, { stage: "live" }, "authenticated-read"]);
  await storage.copy("a.bin", "a.bin", { objectParameters: { CacheControl: "", ContentLanguage: "fr" } });
  const stat = await storage.stat("a.bin");
  assertEquals([stat.cacheControl, stat.contentLanguage, stat.contentDisposition], [undefined, "fr", "inline"]);
});

Deno.test("copy() onto itself of one option alone, such as the tags, is no illegal request", async () => {
  for (const change of [{ tagging: { a: "b" } }, { acl: "public-read" }, { storageClass: "STANDARD_IA" }] as const) {
    const { storage } = stage();
    await storage.save("a.bin", "hello");
    await storage.copy("a.bin", "a.bin", change);
    assertEquals(await storage.readText("a.bin"), "hello");
  }
});

Deno.test("copy() with attributes works in parts, in place too", async () => {
  for (const to of ["a.bin", "b.bin"]) {
    const { storage, find, operations, server } = stage({}, { maxCopySize: 6 * MIB });
    const bytes = patternBytes(12 * MIB);
    await storage.save("a.bin", bytes, { ...ATTRIBUTES, ...OWN });
    operations();
    await storage.copy("a.bin", to, { cacheControl: "no-cache", tagging: { stage: "live" }, partSize: 5 * MIB });
    assertEquals(operations().filter((name) => name === "UploadPartCopy").length, 3);
    const copied = find(to);
    assert(copied.bytes.every((byte, index) => byte === bytes[index]));
    assertEquals([copied.metadata, copied.tags, copied.acl], [{ owner: "ada" }, { stage: "live" }, "public-read"]);
    assertEquals((await storage.stat(to)).cacheControl, "no-cache");
    assertEquals(server.openUploads("media"), []);
  }
});

Deno.test("copy() onto itself combines no attributes with the bytes of another version", async () => {
  for (const options of [{}, OTHER_SERVER]) {
    let isChanged = false;
    const { storage, server, find } = stage(options, {
      intercept: async ({ headers }) => {
        if (headers.has("x-amz-copy-source") && !isChanged) {
          isChanged = true;
          await s3On(server, options).save("a.bin", "other bytes", { metadata: { owner: "bob" } });
        }
        return undefined;
      },
    });
    await storage.save("a.bin", "hello", ATTRIBUTES);
    const error = await assertRejects(() => storage.copy("a.bin", "a.bin", { cacheControl: "no-cache" }));
    assert(isStorageError(error, "PreconditionFailed"));
    assertEquals([find("a.bin").metadata, await storage.readText("a.bin")], [{ owner: "bob" }, "other bytes"]);
  }
});

Deno.test("copy() onto itself replaces no object that is stored while S3 copies", async () => {
  const sent: (string | null)[] = [];
  const { storage } = stage({}, {
    intercept: ({ headers }) => {
      if (headers.has("x-amz-copy-source")) {
        sent.push(headers.get("if-match"), headers.get("x-amz-copy-source-if-match"));
      }
      return undefined;
    },
  });
  await storage.save("a.bin", "hello");
  const { etag } = await storage.stat("a.bin");
  await storage.copy("a.bin", "a.bin", { cacheControl: "no-cache" });
  assertEquals(sent, [etag, etag]);
});

Deno.test("copy() onto itself keeps the KMS key and the lock, and refuses to lose metadata", async () => {
  const extra: Record<string, string> = {
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": "key-1",
    "x-amz-object-lock-legal-hold": "ON",
    "x-amz-object-lock-mode": "GOVERNANCE",
    "x-amz-object-lock-retain-until-date": "2020-01-01T00:00:00Z",
  };
  const sent: Record<string, string>[] = [];
  const { storage, server } = stage({}, {
    intercept: async (request) => {
      if (request.headers.has("x-amz-copy-source")) {
        sent.push(Object.fromEntries([...request.headers].filter(([name]) => name in extra)));
        return new Response("<CopyObjectResult><ETag>e</ETag></CopyObjectResult>");
      }
      if (request.method !== "HEAD") return undefined;
      const response = await server.fetch(request);
      return new Response(null, { headers: { ...Object.fromEntries(response.headers), ...extra } });
    },
  });
  await storage.save("a.bin", "hello");
  await storage.copy("a.bin", "a.bin", { cacheControl: "no-cache" });
  await storage.copy("a.bin", "a.bin", { serverSideEncryption: "AES256" });
  await storage.copy("a.bin", "b.bin");
  const { "x-amz-object-lock-mode": _, "x-amz-object-lock-retain-until-date": __, ...kept } = extra;
  assertEquals(sent, [kept, {
    "x-amz-object-lock-legal-hold": "ON",
    "x-amz-server-side-encryption": "AES256",
  }, {}]);
  extra["x-amz-missing-meta"] = "1";
  await assertRejects(
    () => storage.copy("a.bin", "a.bin", { cacheControl: "no-cache" }),
    NotSupportedError,
    "Cannot change attributes of 'a.bin'",
  );
  await storage.copy("a.bin", "a.bin", { metadata: {} });
});

Deno.test("move() changes attributes too", async () => {
  const { storage, find } = stage();
  await storage.save("a.bin", "hello", ATTRIBUTES);
  await storage.move("a.bin", "b.bin", { cacheControl: "no-cache", tagging: { a: "b" } });
  assertEquals([find("a.bin"), find("b.bin").tags, find("b.bin").metadata], [undefined, { a: "b" }, { owner: "ada" }]);
});
