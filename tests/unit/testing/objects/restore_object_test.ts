import { assertEquals } from "@std/assert";
import type { S3Server } from "../../../../src/testing/mod.ts";
import {
  element,
  outcome,
  send,
  store,
  storeVersion,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";

const ARCHIVED = { "x-amz-storage-class": "GLACIER" };

function restore(server: S3Server, content: string, path = "/media/a.txt"): Promise<Response> {
  const separator = path.includes("?") ? "&" : "?";
  const body = `<RestoreRequest>${content}</RestoreRequest>`;
  return send(server, `${path}${separator}restore`, { method: "POST", body });
}

async function stateOf(server: S3Server, path = "/media/a.txt", at?: Date): Promise<string | null> {
  const plan = at === undefined ? {} : { at };
  return (await send(server, path, { method: "HEAD", ...plan })).headers.get("x-amz-restore");
}

Deno.test("RestoreObject makes an archived object readable once the restoration is complete", async () => {
  let now = new Date("2026-01-31T12:00:00Z");
  const server = testServer({ now: () => now });
  await store(server, "/media/a.txt", "hello", ARCHIVED);
  const request = "<Days>2</Days><GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters>";
  assertEquals((await restore(server, request)).status, 202);
  assertEquals(await stateOf(server), 'ongoing-request="true"');
  assertEquals(await outcome(send(server, "/media/a.txt")), [403, "InvalidObjectState"]);
  assertEquals(await outcome(restore(server, request)), [409, "RestoreAlreadyInProgress"]);
  server.completeRestores("media");
  const restored = 'ongoing-request="false", expiry-date="Tue, 03 Feb 2026 00:00:00 GMT"';
  assertEquals(await stateOf(server), restored);
  assertEquals(server.objects("media")[0]?.restore, restored);
  assertEquals(await (await send(server, "/media/a.txt")).text(), "hello");
  const headers = { "x-amz-copy-source": "/media/a.txt" };
  assertEquals((await send(server, "/media/b.txt", { method: "PUT", headers })).status, 200);
  // A second request only moves the end.
  assertEquals((await restore(server, "<Days>3</Days>")).status, 200);
  assertEquals(await stateOf(server), restored.replace("Tue, 03", "Wed, 04"));
  now = new Date("2026-02-04T00:00:00Z");
  assertEquals(await stateOf(server, "/media/a.txt", now), null);
  assertEquals(await outcome(send(server, "/media/a.txt", { at: now })), [403, "InvalidObjectState"]);
});

Deno.test("with instantRestore an object is readable immediately", async () => {
  const server = testServer({ instantRestore: true });
  await store(server, "/media/a.txt", "hello", ARCHIVED);
  assertEquals((await restore(server, "<Days>1</Days>")).status, 202);
  assertEquals(await stateOf(server), 'ongoing-request="false", expiry-date="Mon, 02 Feb 2026 00:00:00 GMT"');
  assertEquals(await (await send(server, "/media/a.txt")).text(), "hello");
});

Deno.test("RestoreObject restores the named version", async () => {
  const server = versionedServer({ instantRestore: true });
  await store(server, "/media/a.txt", "old", ARCHIVED);
  const [old] = server.versions("media");
  await storeVersion(server, "/media/a.txt", "new");
  const path = `/media/a.txt?versionId=${old?.versionId}`;
  assertEquals((await restore(server, "<Days>1</Days>", path)).status, 202);
  assertEquals(await (await send(server, path)).text(), "old");
  assertEquals(await outcome(restore(server, "<Days>1</Days>")), [403, "InvalidObjectState"]);
});

Deno.test("a restored object can be copied to itself, which makes it permanent", async () => {
  const server = testServer({ instantRestore: true });
  await store(server, "/media/a.txt", "hello", ARCHIVED);
  await restore(server, "<Days>1</Days>");
  const headers = { "x-amz-copy-source": "/media/a.txt" };
  assertEquals((await send(server, "/media/a.txt", { method: "PUT", headers })).status, 200);
  assertEquals([await stateOf(server), server.objects("media")[0]?.storageClass], [null, "STANDARD"]);
});

Deno.test("RestoreObject refuses invalid requests", async () => {
  const server = versionedServer();
  await store(server, "/media/a.txt", "x", ARCHIVED);
  await store(server, "/media/deep.txt", "x", { "x-amz-storage-class": "DEEP_ARCHIVE" });
  await store(server, "/media/plain.txt", "x");
  const ask = (content: string, path?: string): Promise<[number, string | undefined]> =>
    outcome(restore(server, content, path));
  assertEquals(await ask("<Days>0</Days>"), [400, "InvalidArgument"]);
  assertEquals(await ask("<Days>two</Days>"), [400, "MalformedXML"]);
  assertEquals(await ask(""), [400, "MalformedXML"]);
  assertEquals(await ask("<Days>1</Days><Tier>Fast</Tier>"), [400, "MalformedXML"]);
  assertEquals(await ask("<Type>SELECT</Type>"), [501, "NotImplemented"]);
  const expedited = "<Days>1</Days><GlacierJobParameters><Tier>Expedited</Tier></GlacierJobParameters>";
  assertEquals(await ask(expedited, "/media/deep.txt"), [400, "InvalidArgument"]);
  assertEquals(await ask("<Days>1</Days>", "/media/absent.txt"), [404, "NoSuchKey"]);
  const plain = await restore(server, "<Days>1</Days>", "/media/plain.txt");
  const text = await plain.text();
  assertEquals([plain.status, element(text, "StorageClass")], [403, "STANDARD"]);
  assertEquals(element(text, "Message"), "Restore is not allowed for the object's current storage class");
  await send(server, "/media/a.txt", { method: "DELETE" });
  assertEquals(await ask("<Days>1</Days>"), [405, "MethodNotAllowed"]);
});

Deno.test("listings tell the state of restorations if they are asked for it", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "x", ARCHIVED);
  await store(server, "/media/b.txt", "x");
  await restore(server, "<Days>1</Days>");
  const list = async (headers: Record<string, string>): Promise<string> =>
    await (await send(server, "/media?list-type=2", { headers })).text();
  const asked = { "x-amz-optional-object-attributes": "RestoreStatus" };
  assertEquals(element(await list({}), "RestoreStatus"), undefined);
  assertEquals(element(await list(asked), "RestoreStatus"), "<IsRestoreInProgress>true</IsRestoreInProgress>");
  server.completeRestores("media");
  assertEquals(
    element(await list(asked), "RestoreStatus"),
    "<IsRestoreInProgress>false</IsRestoreInProgress>" +
      "<RestoreExpiryDate>2026-02-02T00:00:00.000Z</RestoreExpiryDate>",
  );
});
