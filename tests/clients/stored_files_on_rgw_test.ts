/** Ceph RGW keeps versions, tags and ACLs as this package expects; what it cannot do is a typed error. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, S3Storage, StorageError } from "../../mod.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";

const BUCKET = "versions";

const MEBIBYTE = 1024 ** 2;

/** Names that XML, URLs or listings could confuse. */
const NAMES = ["a.txt", "a b+ü&<>'\".txt", "docs/100%25/c.txt", "docs/\u{1f600}.txt"];

async function versions(storage: S3Storage): Promise<void> {
  for (const name of NAMES) {
    const first = await storage.save(name, "first", { details: true, metadata: { owner: "ada" } });
    await storage.setTags(name, { stage: "live", "häß": "" });
    await storage.save(name, "second!");
    await storage.delete(name);
    const listed = await Array.fromAsync(storage.versions.list(name));
    assertEquals(
      listed.map(({ name, isLatest, isDeleteMarker, size }) => [name, isLatest, isDeleteMarker, size]),
      [[name, true, true, 0], [name, false, false, 7], [name, false, false, 5]],
    );
    assertEquals([listed[2]!.versionId, listed[2]!.etag], [first.versionId, first.etag]);

    const restored = await storage.versions.restore(name, first.versionId!);
    const stat = await storage.stat(name);
    assertEquals([restored.etag, restored.size, restored.versionId], [stat.etag, 5, stat.versionId]);
    assertEquals([await storage.readText(name), stat.metadata], ["first", { owner: "ada" }]);
    await storage.versions.delete(name, restored.versionId!);
    assertEquals(await storage.exists(name), false);
    await assertRejects(() => storage.versions.restore(name, listed[0]!.versionId), StorageError);
  }
  const all = await Array.fromAsync(storage.versions.list("", { recursive: true }));
  assertEquals(new Set(all.map(({ name }) => name)), new Set(NAMES));
}

/** More versions than a page has, of keys that listings encode. */
async function pages(storage: S3Storage): Promise<void> {
  const names = ["many/a +ü.txt", "many/b%20&.txt"];
  for (let index = 0; index < 520; index++) await Promise.all(names.map((name) => storage.save(name, "")));
  for (const name of names) {
    const ids = (await Array.fromAsync(storage.versions.list(name))).map(({ versionId }) => versionId);
    assertEquals([ids.length, new Set(ids).size], [520, 520]);
  }
  const all = await Array.fromAsync(storage.versions.list("many", { recursive: true }));
  assertEquals([all.length, new Set(all.map(({ versionId }) => versionId)).size], [1040, 1040]);
}

async function tagsAndAcls(storage: S3Storage): Promise<void> {
  const { versionId } = await storage.save("tagged.txt", "first", { details: true });
  const tags = { "team": "web & <mobile>", "häß/l:ich": "", "sign": "+-=._:/@" };
  await storage.setTags("tagged.txt", tags);
  assertEquals(await storage.getTags("tagged.txt"), tags);
  await storage.save("tagged.txt", "second");
  assertEquals(await storage.getTags("tagged.txt"), {});
  assertEquals(await storage.getTags("tagged.txt", { versionId }), tags);
  await storage.setTags("tagged.txt", {}, { versionId });
  assertEquals(await storage.getTags("tagged.txt", { versionId }), {});
  await assertRejects(() => storage.getTags("missing.txt"), NotFoundError);

  for (const acl of ["public-read", "authenticated-read", "public-read-write", "private"] as const) {
    await storage.setAcl("tagged.txt", acl);
    const { owner, cannedAcl, grants } = await storage.getAcl("tagged.txt");
    assertEquals(cannedAcl, acl);
    assert(owner !== undefined && grants.some(({ id, permission }) => id === owner && permission === "FULL_CONTROL"));
  }
  await assertRejects(() => storage.getAcl("missing.txt"), NotFoundError);
}

async function uploads(storage: S3Storage): Promise<void> {
  const file = new Uint8Array(6 * MEBIBYTE).fill(7);
  const created = await storage.uploads.create("ü/film 1.mp4", { size: file.length, partSize: 5 * MEBIBYTE });
  const [listed] = await Array.fromAsync(storage.uploads.list({ prefix: "ü/" }));
  assertEquals([listed?.name, listed?.uploadId], [created.name, created.uploadId]);
  const etags: string[] = [];
  for (const [i, url] of created.urls.entries()) {
    const body = file.subarray(i * created.partSize, (i + 1) * created.partSize);
    const response = await fetch(url, { method: "PUT", body });
    await response.body?.cancel();
    etags.push(response.headers.get("etag")!.replaceAll('"', "")); // bare ETags are accepted
  }
  const stored = await storage.uploads.complete(created.name, created.uploadId, { etags, size: file.length });
  const { etag, versionId, size } = await storage.stat(created.name);
  assertEquals(stored, { name: created.name, etag, versionId, size });
  assertEquals(await Array.fromAsync(storage.uploads.list()), []);
}

async function requests(storage: S3Storage): Promise<void> {
  const rule = "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>";
  const body = `<CORSConfiguration>${rule}</CORSConfiguration>`;
  await (await storage.request({ method: "PUT", query: { cors: "" }, body })).body?.cancel();
  const answer = await storage.request({ method: "GET", query: { cors: "" } });
  assert((await answer.text()).includes("<AllowedMethod>GET</AllowedMethod>"));
  await storage.request({ method: "DELETE", query: { cors: "" } });
  const error = await assertRejects(() => storage.request({ method: "GET", query: { cors: "" } }), NotFoundError);
  assertEquals(error.s3Code, "NoSuchCORSConfiguration");

  await storage.save("a b+ü.txt", "hello");
  const part = await storage.request({ method: "GET", name: "a b+ü.txt", headers: { range: "bytes=1-3" } });
  assertEquals([part.status, await part.text()], [206, "ell"]);
  // RGW has no archive: the error says so, in whichever way.
  await assertRejects(() => storage.restoreArchived("a b+ü.txt", { days: 1 }), StorageError);
}

/** Metadata that other programs store as UTF-8. Headers are bytes, one to a character. */
async function metadata(storage: S3Storage): Promise<void> {
  const url = await storage.url("other.txt", { method: "PUT" });
  const title = String.fromCharCode(...new TextEncoder().encode("Grüße 日本 100%"));
  await (await fetch(url, { method: "PUT", headers: { "x-amz-meta-title": title }, body: "hello" })).body?.cancel();
  assertEquals((await storage.stat("other.txt")).metadata, { title: "Grüße 日本 100%" });
  await storage.copy("other.txt", "copy.txt");
  assertEquals((await storage.stat("copy.txt")).metadata, { title: "Grüße 日本 100%" });
}

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;

Deno.test({
  name: `Ceph RGW keeps versions, tags and ACLs${server ? "" : " (it is not installed)"}`,
  ignore: server === undefined,
  fn: async (context) => {
    const rgw = server as RgwServer;
    try {
      const { endpoint, accessKey, secretKey } = rgw;
      await new S3Peer({ endpoint, accessKey, secretKey, bucket: BUCKET }).createBucket();
      const open = (location: string): S3Storage =>
        new S3Storage({ bucketName: BUCKET, endpointUrl: endpoint, accessKey, secretKey, location });
      const body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
      await (await open("").request({ method: "PUT", query: { versioning: "" }, body })).body?.cancel();
      for (const part of [versions, pages, tagsAndAcls, metadata, uploads, requests]) {
        await context.step(part.name, () => part(open(part.name)));
      }
    } finally {
      await rgw.stop();
    }
  },
});
