/** uri() is the same for every storage, and every spelling of a name, that reaches an object. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { SuspiciousNameError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { ManifestStaticStorage } from "../../../src/static/manifest_static_storage.ts";
import { LocalStorage } from "../../../src/storage/local/local_storage.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

const KEYS = { accessKey: "AKIDEXAMPLE", secretKey: "very secret" };

function s3(options: S3StorageOptions): S3Storage {
  return new S3Storage({ bucketName: "media", ...KEYS, ...options });
}

Deno.test("uri() of S3 is the same for every addressing style", () => {
  const aws: S3StorageOptions[] = [
    {},
    { regionName: "eu-west-1" },
    { regionName: "eu-west-1", addressingStyle: "path" },
    { regionName: "eu-west-1", useDualstackEndpoint: true },
    { useAccelerateEndpoint: true },
    { useSsl: false },
    { endpointUrl: "https://s3.eu-west-1.amazonaws.com" },
    { endpointUrl: "https://media.s3.eu-west-1.amazonaws.com" },
    { accessKey: "AKIDOTHER", secretKey: "other" },
    { customDomain: "cdn.example.com" },
  ];
  for (const options of aws) assertEquals(s3(options).uri("a b.txt"), "s3://amazonaws.com/media/a%20b.txt");
  const own: S3StorageOptions[] = [
    { endpointUrl: "https://nyc3.digitaloceanspaces.com" },
    { endpointUrl: "https://nyc3.digitaloceanspaces.com/", addressingStyle: "virtual" },
    { endpointUrl: "https://media.nyc3.digitaloceanspaces.com" },
    { endpointUrl: "https://nyc3.digitaloceanspaces.com/media" },
  ];
  for (const options of own) assertEquals(s3(options).uri("a.txt"), "s3://nyc3.digitaloceanspaces.com/media/a.txt");
});

Deno.test("uri() of S3 does not take a bucket's name for a part of the host", () => {
  for (const bucketName of ["my-us-gov-files", "amazonaws"]) {
    for (const addressingStyle of ["virtual", "path"] as const) {
      const options = { bucketName, addressingStyle, regionName: "eu-west-1" };
      assertEquals(s3(options).uri("a.txt"), `s3://amazonaws.com/${bucketName}/a.txt`);
    }
  }
});

Deno.test("uri() of S3 differs between endpoints, partitions, buckets and keys", () => {
  const uris = [
    s3({}).uri("a.txt"),
    s3({}).uri("b.txt"),
    s3({}).uri("A.txt"),
    s3({ location: "docs" }).uri("a.txt"),
    s3({ bucketName: "other" }).uri("a.txt"),
    s3({ regionName: "cn-north-1" }).uri("a.txt"),
    s3({ regionName: "us-gov-west-1" }).uri("a.txt"),
    s3({ endpointUrl: "http://localhost:9000" }).uri("a.txt"),
    s3({ endpointUrl: "http://localhost:9001" }).uri("a.txt"),
    s3({ endpointUrl: "http://localhost:9000/tenant" }).uri("a.txt"),
    s3({ endpointUrl: "http://notamazonaws.com" }).uri("a.txt"),
    s3({ bucketName: "arn:aws:s3:eu-west-1:123456789012:accesspoint/media" }).uri("a.txt"),
    s3({ bucketName: "arn:aws:s3:us-west-1:123456789012:accesspoint/media" }).uri("a.txt"),
  ];
  assertEquals(new Set(uris).size, uris.length, uris.join("\n"));
  assert(!uris.join().includes("secret"));
});

Deno.test("uri() is the same for two spellings of a name, and for a location and a folder in the name", () => {
  const folder = "/srv/media";
  const pairs = [
    [s3({}), s3({ location: "docs" })],
    [new LocalStorage(folder), new LocalStorage(folder, { location: "docs" })],
    [new LocalStorage(folder), new LocalStorage(`${folder}/docs/`)],
  ] as const;
  for (const [whole, docs] of pairs) {
    for (const spelling of ["docs/a.txt", "docs//a.txt", "docs\\a.txt"]) {
      assertEquals(whole.uri(spelling), docs.uri("a.txt"));
    }
    assertThrows(() => whole.uri("../a.txt"), SuspiciousNameError);
    assertThrows(() => whole.uri(""), SuspiciousNameError);
  }
});

Deno.test("uri() of a LocalStorage is the URL of the path, also of a relative one", () => {
  assertEquals(new LocalStorage("/srv/media").uri("a b/é.txt"), "file:///srv/media/a%20b/%C3%A9.txt");
  assertEquals(new LocalStorage("./media").uri("a.txt"), new LocalStorage(`${Deno.cwd()}/media`).uri("a.txt"));
});

Deno.test("uri() of a MemoryStorage is unique to the instance; a ManifestStaticStorage returns that of its storage", () => {
  const storage = new MemoryStorage({ location: "static" });
  assertEquals(storage.uri("a//b.txt"), storage.uri("a/b.txt"));
  assertNotEquals(storage.uri("a.txt"), new MemoryStorage({ location: "static" }).uri("a.txt"));
  assertEquals(new ManifestStaticStorage(storage).uri("a.txt"), storage.uri("a.txt"));
});
