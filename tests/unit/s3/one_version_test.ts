/** A storage that reads one version of its objects: reads and URLs carry the version, all else is refused. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { serve } from "../../../src/serve/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { handleUpload } from "../../../src/upload/mod.ts";

const KEYS = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret" };
const VERSION = { objectParameters: { VersionId: "v 1" } };

Deno.test("a storage with a VersionId refuses to write, delete and move", async () => {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"] });
  await new S3Storage({ ...KEYS, fetch: server.fetch }).save("a.txt", "hello");
  // S3 answers 400 to an id that it never issued, and 404 to one of another key.
  const objectParameters = { VersionId: server.objects("media")[0]!.versionId };
  const before = server.requests.length;
  const storage = new S3Storage({ ...KEYS, objectParameters, fetch: server.fetch });
  const body = new FormData();
  body.set("file", new File(["x"], "a.txt"));
  const calls: Record<string, () => Promise<unknown>> = {
    save: () => storage.save("a.txt", "x"),
    open: () => storage.open("a.txt", "w"),
    delete: () => storage.delete("a.txt"),
    "delete with ifMatch": () => storage.delete("a.txt", { ifMatch: '"e"' }),
    "copy to it": () => storage.copy("b.txt", "a.txt"),
    move: () => storage.move("a.txt", "b.txt"),
    "url for PUT": () => storage.url("a.txt", { method: "PUT" }),
    "url for DELETE": () => storage.url("a.txt", { method: "DELETE" }),
    presignedPost: () => storage.presignedPost("a.txt"),
    "uploads.create": () => storage.uploads.create("a.txt", { parts: 1 }),
    "uploads.complete": () => storage.uploads.complete("a.txt", "id", { etags: ["e"] }),
    "versions.restore": () => storage.versions.restore("a.txt", "v2"),
    setTags: () => storage.setTags("a.txt", { stage: "live" }),
    setAcl: () => storage.setAcl("a.txt", "private"),
    handleUpload: () => handleUpload(storage, new Request("http://localhost/", { method: "POST", body })),
  };
  for (const [call, run] of Object.entries(calls)) {
    await assertRejects(run, ConfigurationError, "VersionId is for reading", call);
  }
  const error = await assertRejects(() => storage.deleteMany(["a.txt", "b.txt"]), AggregateError);
  assertStringIncludes(String(error.errors[0]), "VersionId is for reading");
  assertThrows(() => storage.urlSync("a.txt", { method: "PUT" }), ConfigurationError, "VersionId is for reading");
  // A form checks whether a name is free before it writes.
  assertEquals(server.requests.slice(before).filter(({ operation }) => operation !== "HeadObject"), []);
});

Deno.test("URLs and redirects of a storage with a VersionId lead to that version, for every signer", async () => {
  const kinds = {
    signed: {},
    "signed by version 2": { signatureVersion: "s3" },
    unsigned: { querystringAuth: false },
    "of a custom domain": { customDomain: "cdn.example.com" },
  } as const;
  for (const [kind, options] of Object.entries(kinds)) {
    const storage = new S3Storage({ ...KEYS, ...VERSION, ...options });
    const url = new URL(await storage.url("a.txt"));
    assertEquals(url.searchParams.get("versionId"), "v 1", kind);
    assertEquals(new URL(storage.urlSync("a.txt")).searchParams.get("versionId"), "v 1", kind);
    const redirect = await serve(storage, new Request("http://localhost/"), { name: "a.txt", redirect: true });
    assertEquals(new URL(redirect.headers.get("location")!).searchParams.get("versionId"), "v 1", kind);
    const other = new URL(await storage.url("a.txt", { parameters: { VersionId: "v 2" } }));
    assertEquals(other.searchParams.getAll("versionId"), ["v 2"], kind);
  }
});
