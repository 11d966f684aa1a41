/** Storages that are made from others by with(). */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import type { S3Backend } from "../../../src/s3/s3_backend.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { ObjectParameters, S3StorageOptions } from "../../../src/settings/options.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";
import { bareAnswer, errorAnswer, scripted } from "../transport.ts";

const KEYS = { bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" };
const backendOf = (storage: S3Storage): S3Backend => storage.backend as S3Backend;

Deno.test("with() changes settings and keeps the others", async () => {
  const server = createS3Server({ buckets: ["media", "archive"] });
  const storage = s3On(server, { location: "in", fileOverwrite: false, querystringExpire: 60 });
  const archive = storage.with({
    bucketName: "archive",
    location: "old/files",
    objectParameters: { StorageClass: "GLACIER_IR" },
  });
  await archive.save("a.txt", "hello");
  assertEquals(server.objects("archive").map(({ key, storageClass }) => [key, storageClass]), [[
    "old/files/a.txt",
    "GLACIER_IR",
  ]]);
  assertEquals([archive.fileOverwrite, archive.settings.querystringExpire, archive.bucketName], [false, 60, "archive"]);
  assertEquals([storage.location, storage.bucketName, storage.settings.objectParameters], ["in/", "media", {}]);
  assert(archive instanceof S3Storage);
});

Deno.test("with() shares the credentials and what is known of the service, unless they change", async () => {
  let asked = 0;
  const credentials = (): { accessKeyId: string; secretAccessKey: string; expiration: Date } => {
    asked++;
    return { accessKeyId: "AKID", secretAccessKey: "secret", expiration: new Date(Date.now() + 3_600_000) };
  };
  const moved = errorAnswer(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": "eu-west-1" } });
  const transport = scripted(moved, bareAnswer(204));
  const storage = new S3Storage({ bucketName: "media", credentials, fetch: transport.fetch });
  await storage.delete("a.txt");
  await storage.with({ location: "b" }).delete("a.txt");
  const hosts = transport.requests.map(({ url }) => new URL(url).host);
  assertEquals(hosts.slice(1), Array(2).fill("media.s3.eu-west-1.amazonaws.com"));
  assertEquals(asked, 1);
  const other = storage.with({ accessKey: "OTHER", secretKey: "other" });
  await other.delete("a.txt");
  const request = transport.requests.at(-1)!;
  assertEquals(new URL(request.url).host, "media.s3.eu-west-1.amazonaws.com");
  assert(request.headers.get("authorization")!.includes("OTHER/"));
  assertEquals([asked, other.settings.credentials], [1, undefined]);
  assertStrictEquals(backendOf(storage).client.service, backendOf(other).client.service);
  const elsewhere = storage.with({ regionName: "us-west-2" });
  assert(backendOf(storage).client.service !== backendOf(elsewhere).client.service);
  await elsewhere.delete("a.txt");
  assertEquals(new URL(transport.requests.at(-1)!.url).host, "media.s3.us-west-2.amazonaws.com");
  assertEquals(asked, 1);
});

Deno.test("with() reads neither the environment nor the settings of the class again", () => {
  class Media extends S3Storage {
    static override settings: S3StorageOptions = { location: "media", querystringExpire: 60 };
  }
  Deno.env.set("AWS_S3_REGION_NAME", "eu-west-1");
  const storage = new Media(KEYS);
  Deno.env.set("AWS_S3_REGION_NAME", "eu-north-1");
  Deno.env.set("AWS_QUERYSTRING_EXPIRE", "7");
  try {
    Media.settings = { location: "changed" };
    const derived = storage.with({ fileOverwrite: false });
    assert(derived instanceof Media);
    assertEquals([derived.settings.regionName, derived.settings.querystringExpire, derived.location], [
      "eu-west-1",
      60,
      "media/",
    ]);
    assertEquals(derived.with({ location: "" }).settings.regionName, "eu-west-1");
  } finally {
    Deno.env.delete("AWS_S3_REGION_NAME");
    Deno.env.delete("AWS_QUERYSTRING_EXPIRE");
  }
});

Deno.test("with() keeps the overridden methods and the fields of a subclass whose constructor has other parameters", async () => {
  class Tenant extends S3Storage {
    readonly tenant: string;
    constructor(tenant: string, options: S3StorageOptions) {
      super(options);
      this.tenant = tenant;
    }
    override getObjectParameters(name: string): ObjectParameters {
      return { ...super.getObjectParameters(name), Metadata: { tenant: this.tenant, name } };
    }
    override getAlternativeName(root: string, extension: string): string {
      return `${root}-${this.tenant}${extension}`;
    }
  }
  const server = createS3Server({ buckets: ["media"] });
  const storage = new Tenant("ada", { ...KEYS, accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch });
  const derived = storage.with({ location: "a", fileOverwrite: false, objectParameters: { CacheControl: "no-cache" } });
  await derived.save("x.txt", "1");
  assertEquals(await derived.save("x.txt", "2"), "x-ada.txt");
  const [first] = server.objects("media");
  assertEquals([first?.key, first?.metadata.tenant, first?.metadata.name], ["a/x-ada.txt", "ada", "x-ada.txt"]);
  assertEquals([(await derived.stat("x.txt")).cacheControl, derived.tenant], ["no-cache", "ada"]);
});

Deno.test("with() keeps secrets, also the customer's key, and shows none of them", async () => {
  const key = "k".repeat(32);
  const transport = scripted(() => new Response("x", { headers: { etag: '"e"', "content-length": "1" } }));
  const storage = new S3Storage({
    ...KEYS,
    securityToken: "token",
    endpointUrl: "http://localhost:9000",
    fetch: transport.fetch,
    objectParameters: { SSECustomerKey: key },
  });
  const derived = storage.with({ location: "a" });
  await derived.readText("x.txt");
  const { headers } = transport.requests[0]!;
  assertEquals(headers.get("x-amz-server-side-encryption-customer-key"), btoa(key));
  assertEquals(headers.get("x-amz-security-token"), "token");
  assertEquals(
    /secret\b|kkk|token/.test(Deno.inspect(derived, { depth: 9 }).replace(/securityToken|secretKey/g, "")),
    false,
  );
  assertEquals(derived.settings.endpointUrl?.href, "http://localhost:9000/");
});

Deno.test("with() changes from hosts of AWS to another endpoint", () => {
  const aws = new S3Storage({ ...KEYS, useDualstackEndpoint: true, useFipsEndpoint: true });
  const { settings } = aws.with({ endpointUrl: "http://127.0.0.1:9000" });
  assertEquals([settings.useDualstackEndpoint, settings.useFipsEndpoint], [false, false]);
  assertThrows(
    () => aws.with({ endpointUrl: "http://127.0.0.1:9000", useFipsEndpoint: true }),
    ConfigurationError,
    "useFipsEndpoint cannot be combined with endpointUrl",
  );
});

Deno.test("with() refuses what a constructor refuses", () => {
  const { fetch } = createS3Server({ buckets: ["media"] });
  const storage = new S3Storage({ ...KEYS, fetch });
  const wrong: readonly (readonly [S3StorageOptions, string])[] = [
    [{ location: "../up" }, "location"],
    [{ bucketname: "x" } as S3StorageOptions, "Unknown option 'bucketname'"],
    [{ verify: false }, "fetch cannot be combined with verify"],
    [{ accessKey: "only" }, "secretKey is missing"],
    [{ querystringExpire: 0 }, "querystringExpire must be"],
  ];
  for (const [options, message] of wrong) {
    assertThrows(() => storage.with(options), Error, message);
  }
  assertThrows(() => new S3Storage({ ...storage.settings, location: "a" } as never), ConfigurationError, "with()");
});

Deno.test("with() keeps fields that a subclass has overridden", () => {
  class AppendOnly extends S3Storage {
    override readonly fileOverwrite = false;
  }
  const storage = new AppendOnly({ bucketName: "media", accessKey: "id", secretKey: "secret" });
  assertEquals(storage.with({ location: "x" }).fileOverwrite, false);
  assertEquals(storage.with({ fileOverwrite: true }).settings.fileOverwrite, true);
});
