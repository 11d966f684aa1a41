/** What a copy within the bucket keeps, and by which requests it is made. */
import { assertEquals, assertRejects } from "@std/assert";
import { AlreadyExistsError, NotFoundError, PreconditionFailedError } from "../../../../src/errors.ts";
import type { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../../src/settings/options.ts";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { patternBytes } from "../../random.ts";
import { s3On } from "../../storage/storages.ts";
import { errorAnswer } from "../../transport.ts";

const MIB = 1024 ** 2;
const OTHER_SERVER = { endpointUrl: "http://localhost" };
const UNCONDITIONAL = ["CompleteMultipartUpload", "CopyObject", "UploadPartCopy", "DeleteObject"];

type Intercept = (request: Request) => Response | undefined | Promise<Response | undefined>;

function stage(
  options: S3StorageOptions = {},
  unconditional: readonly string[] = [],
  intercept: Intercept = () => undefined,
): { storage: S3Storage; server: S3Server; operations(): (string | undefined)[] } {
  const server = createS3Server({ buckets: ["media"], unconditional });
  const fetch = async (request: Request): Promise<Response> => await intercept(request) ?? await server.fetch(request);
  let seen = 0;
  return {
    server,
    storage: s3On({ fetch }, options),
    operations: () => {
      const { requests } = server;
      const now = requests.slice(seen).map(({ operation }) => operation);
      seen = requests.length;
      return now;
    },
  };
}

Deno.test("copy() keeps the storage class and the ACL of a file, unless others are configured", async () => {
  for (const options of [{}, OTHER_SERVER]) {
    for (const fileOverwrite of [true, false]) {
      const { storage, server } = stage({ ...options, fileOverwrite });
      const made = s3On(server, { objectParameters: { ACL: "public-read", StorageClass: "STANDARD_IA" } });
      await made.save("a.txt", "hello");
      await storage.copy("a.txt", "b.txt");
      await storage.move("a.txt", "c.txt");
      for (const object of server.objects("media")) {
        assertEquals([object.acl, object.storageClass], ["public-read", "STANDARD_IA"], object.key);
      }
      const own = s3On(server, { ...options, fileOverwrite, objectParameters: { StorageClass: "GLACIER_IR" } });
      await own.copy("b.txt", "own.txt");
      await s3On(server, { ...options, fileOverwrite, defaultAcl: "private" }).copy("b.txt", "private.txt");
      const found = Object.fromEntries(server.objects("media").map((one) => [one.key, [one.acl, one.storageClass]]));
      assertEquals([found["own.txt"], found["private.txt"]], [["public-read", "GLACIER_IR"], [
        "private",
        "STANDARD_IA",
      ]]);
    }
  }
});

Deno.test("copy() copies grants that no canned ACL represents", async () => {
  let sent: Record<string, string> = {};
  const grant = (grantee: string, permission: string): string =>
    `<Grant><Grantee>${grantee}</Grantee><Permission>${permission}</Permission></Grant>`;
  const acl = `<AccessControlPolicy><Owner><ID>me</ID></Owner><AccessControlList>${
    grant("<ID>me</ID>", "FULL_CONTROL")
  }${grant("<ID>her</ID>", "READ")}${grant("<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>", "READ")}${
    grant("<ID>him</ID>", "WRITE_ACP")
  }</AccessControlList></AccessControlPolicy>`;
  const { storage } = stage({}, [], ({ url, headers }) => {
    if (url.endsWith("?acl=")) return new Response(acl);
    if (!headers.has("x-amz-copy-source")) return undefined;
    sent = Object.fromEntries([...headers].filter(([name]) => name.startsWith("x-amz-grant")));
    return new Response("<CopyObjectResult><ETag>e</ETag></CopyObjectResult>");
  });
  await storage.save("a.txt", "hello");
  await storage.copy("a.txt", "b.txt");
  assertEquals(sent, {
    "x-amz-grant-full-control": 'id="me"',
    "x-amz-grant-read": 'id="her", uri="http://acs.amazonaws.com/groups/global/AllUsers"',
    "x-amz-grant-write-acp": 'id="him"',
  });
});

Deno.test("copy() works if the ACL cannot be read, or the service has no ACLs", async () => {
  const refusals: [number, string][] = [
    [403, "AccessDenied"],
    [501, "NotImplemented"],
    [400, "AccessControlListNotSupported"],
    [404, "NoSuchKey"],
  ];
  for (const [status, code] of refusals) {
    const { storage } = stage({}, [], ({ url }) => url.endsWith("?acl=") ? errorAnswer(status, code) : undefined);
    await storage.save("a.txt", "hello");
    await storage.copy("a.txt", "b.txt");
    assertEquals(await storage.size("b.txt"), 5);
  }
});

Deno.test("copy() without overwriting is one conditional CopyObject on AWS, and reads and stores the object elsewhere", async () => {
  const ways: [S3StorageOptions, string[], string[]][] = [
    [{}, [], ["HeadObject", "HeadObject", "GetObjectAcl", "CopyObject"]],
    [OTHER_SERVER, UNCONDITIONAL, [
      ...["HeadObject", "HeadObject", "GetObjectAcl", "HeadObject", "GetObjectTagging", "GetObject", "PutObject"],
    ]],
  ];
  for (const [options, unconditional, expected] of ways) {
    const { storage, server, operations } = stage({ ...options, fileOverwrite: false }, unconditional);
    await s3On(server, { objectParameters: { Tagging: "team=a%20b" } })
      .save("a.txt", "hello", { contentType: "image/png", cacheControl: "no-store", metadata: { owner: "ada" } });
    operations();
    await storage.copy("a.txt", "b.txt");
    assertEquals(operations(), expected);
    const [from, to] = server.objects("media");
    assertEquals([to!.contentType, to!.headers["cache-control"], to!.tags, to!.bytes], [
      "image/png",
      "no-store",
      { team: "a b" },
      from!.bytes,
    ]);
    assertEquals((await storage.stat("b.txt")).metadata, { owner: "ada" });
    await assertRejects(() => storage.copy("a.txt", "b.txt"), AlreadyExistsError);
    await assertRejects(() => storage.copy("missing.txt", "c.txt"), NotFoundError);
  }
});

Deno.test("copy() of a large file without overwriting sends a stream, or parts if the service honours conditions", async () => {
  const content = patternBytes(9 * MIB);
  for (const unconditional of [[], UNCONDITIONAL]) {
    const { storage, server, operations } = stage({ ...OTHER_SERVER, fileOverwrite: false }, unconditional);
    await storage.save("a.bin", content);
    operations();
    await storage.copy("a.bin", "b.bin");
    assertEquals(operations().includes("UploadPartCopy"), unconditional.length === 0);
    const { bytes } = server.objects("media")[1]!;
    assertEquals([bytes.length, bytes.every((byte, index) => byte === content[index])], [content.length, true]);
    assertEquals(server.openUploads("media"), []);
    await assertRejects(() => storage.copy("a.bin", "b.bin"), AlreadyExistsError);
    await storage.save("empty.bin", new Uint8Array(0));
    await storage.copy("empty.bin", "empty copy.bin");
    assertEquals(await storage.size("empty copy.bin"), 0);
  }
});

Deno.test("copy() throws AlreadyExistsError if another writer creates the target meanwhile", async () => {
  for (const [options, unconditional] of [[{}, []], [OTHER_SERVER, UNCONDITIONAL]] as const) {
    let armed = false;
    const { storage, server } = stage(
      { ...options, fileOverwrite: false },
      unconditional,
      async ({ method, headers }) => {
        if (
          !armed || method !== "PUT" || !(headers.has("x-amz-copy-source") || headers.has("if-none-match"))
        ) return undefined;
        armed = false;
        await s3On(server).save("b.txt", "of another writer");
        return undefined;
      },
    );
    await storage.save("a.txt", "hello");
    armed = true;
    await assertRejects(() => storage.copy("a.txt", "b.txt"), AlreadyExistsError);
    assertEquals(await (await storage.open("b.txt")).text(), "of another writer");
    assertEquals(await (await storage.open("a.txt")).text(), "hello");
  }
});

Deno.test("move() of a file that changes before it is copied moves nothing on AWS, and deletes nothing elsewhere", async () => {
  for (const [options, unconditional] of [[{}, []], [OTHER_SERVER, UNCONDITIONAL]] as const) {
    let armed = false;
    const { storage, server } = stage(options, unconditional, async ({ headers }) => {
      if (!armed || !headers.has("x-amz-copy-source")) return undefined;
      armed = false;
      await s3On(server).save("a.txt", "saved meanwhile");
      return undefined;
    });
    await storage.save("a.txt", "hello");
    armed = true;
    await assertRejects(() => storage.move("a.txt", "b.txt"), PreconditionFailedError);
    assertEquals(await (await storage.open("a.txt")).text(), "saved meanwhile");
  }
});

Deno.test("a copy in parts whose source changes throws, even if the service ignores the condition", async () => {
  let armed = false;
  const { storage, server } = stage({ ...OTHER_SERVER }, ["UploadPartCopy"], async ({ headers }) => {
    if (headers.has("x-amz-copy-source") && !headers.has("x-amz-copy-source-range")) {
      return errorAnswer(400, "InvalidRequest", { message: "The specified copy source is larger than the maximum" });
    }
    if (!armed || !headers.has("x-amz-copy-source-range")) return undefined;
    armed = false;
    await s3On(server).save("a.bin", new Uint8Array(6 * MIB));
    return undefined;
  });
  await storage.save("a.bin", patternBytes(6 * MIB));
  armed = true;
  await assertRejects(() => storage.copy("a.bin", "b.bin"), PreconditionFailedError);
  assertEquals([await storage.exists("b.bin"), server.openUploads("media")], [false, []]);
});
