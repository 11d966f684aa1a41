import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import {
  deleteMany,
  elements,
  outcome,
  send,
  store,
  storeVersion,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";
import type { S3Server } from "../../../../src/testing/mod.ts";

/** A version id that no server has issued. */
const STRANGE = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD";

Deno.test("DeleteObjects deletes many objects, and needs a digest or checksum", async () => {
  const server = testServer();
  for (const key of ["a", "b", "c"]) await store(server, `/media/${key}`, key);
  const remove = async (keys: string[], quiet: boolean): Promise<Response> => {
    const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("");
    const body = `<Delete>${objects}<Quiet>${quiet}</Quiet></Delete>`;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)));
    const headers = { "x-amz-checksum-sha256": btoa(String.fromCharCode(...digest)) };
    return await send(server, "/media?delete", { method: "POST", body, headers });
  };
  const response = await remove(["a", "absent"], false);
  assertStringIncludes(await response.text(), "<Deleted><Key>a</Key></Deleted><Deleted><Key>absent</Key></Deleted>");
  assertEquals((await (await remove(["b"], true)).text()).includes("<Deleted>"), false);
  assertEquals(server.objects("media").map((object) => object.key), ["c"]);
  const many = Array.from({ length: 1001 }, (_, index) => `k${index}`);
  assertEquals(await outcome(remove(many, true)), [400, "MalformedXML"]);
  const plain = send(server, "/media?delete", { method: "POST", body: "<Delete/>" });
  assertEquals(await outcome(plain), [400, "InvalidRequest"]);
});

/** Deletes, and returns the status, the version id, and whether that is a delete marker. */
async function remove(server: S3Server, path: string): Promise<[number, string | null, string | null]> {
  const { status, headers } = await send(server, path, { method: "DELETE" });
  return [status, headers.get("x-amz-version-id"), headers.get("x-amz-delete-marker")];
}

Deno.test("DeleteObject stores a delete marker in a versioned bucket, even for a missing object", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  const [status, marker, isMarker] = await remove(server, "/media/a.txt");
  assertEquals([status, isMarker], [204, "true"]);
  assertNotEquals(marker, first);
  assertEquals(server.objects("media"), []);
  assertEquals(server.versions("media").map(({ versionId, isLatest, object }) => [versionId, isLatest, object?.size]), [
    [marker ?? "", true, undefined],
    [first, false, 1],
  ]);
  assertEquals((await remove(server, "/media/absent.txt"))[2], "true");
  assertEquals(server.versions("media").length, 3);
});

Deno.test("DeleteObject deletes the named version, and a deleted delete marker makes the object current again", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  const second = await storeVersion(server, "/media/a.txt", "2");
  const [, marker] = await remove(server, "/media/a.txt");
  assertEquals(await remove(server, `/media/a.txt?versionId=${marker}`), [204, marker, "true"]);
  assertEquals(await (await send(server, "/media/a.txt")).text(), "2");
  assertEquals(await remove(server, `/media/a.txt?versionId=${second}`), [204, second, null]);
  assertEquals(await (await send(server, "/media/a.txt")).text(), "1");
  // Again: a deleted version is no error.
  assertEquals(await remove(server, `/media/a.txt?versionId=${second}`), [204, second, null]);
  assertEquals(await remove(server, `/media/a.txt?versionId=${first}`), [204, first, null]);
  assertEquals(server.versions("media"), []);
  const strange = send(server, `/media/a.txt?versionId=${STRANGE}`, { method: "DELETE" });
  assertEquals(await outcome(strange), [400, "InvalidArgument"]);
});

Deno.test("DeleteObject replaces the null version by a delete marker while versioning is suspended", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "1");
  const configure = (status: string): Promise<Response> =>
    send(server, "/media?versioning", {
      method: "PUT",
      body: `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`,
    });
  await configure("Enabled");
  const second = await storeVersion(server, "/media/a.txt", "2");
  await configure("Suspended");
  assertEquals(await remove(server, "/media/a.txt"), [204, "null", "true"]);
  assertEquals(await remove(server, "/media/a.txt"), [204, "null", "true"]);
  assertEquals(server.versions("media").map(({ versionId, object }) => [versionId, object?.size]), [
    ["null", undefined],
    [second, 1],
  ]);
  assertEquals(await remove(server, "/media/a.txt?versionId=null"), [204, "null", "true"]);
  assertEquals(await (await send(server, "/media/a.txt")).text(), "2");
});

Deno.test("DeleteObject in a bucket that was never versioned returns no version", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "1");
  assertEquals(await remove(server, "/media/a.txt?versionId=null"), [204, null, null]);
  assertEquals(server.versions("media"), []);
  assertEquals(await remove(server, "/media/a.txt"), [204, null, null]);
});

Deno.test("DeleteObjects reports versions and delete markers", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a", "1");
  const marked = await deleteMany(server, [["a"], ["absent"]]);
  const [markerOfA = "", markerOfAbsent = ""] = elements(marked, "DeleteMarkerVersionId");
  assertEquals(elements(marked, "Key"), ["a", "absent"]);
  assertEquals([elements(marked, "DeleteMarker"), elements(marked, "VersionId")], [["true", "true"], []]);
  const gone = await deleteMany(server, [["a", first], ["a", markerOfA], ["b", STRANGE]]);
  assertEquals(elements(gone, "Deleted"), [
    `<Key>a</Key><VersionId>${first}</VersionId>`,
    `<Key>a</Key><VersionId>${markerOfA}</VersionId><DeleteMarker>true</DeleteMarker>` +
    `<DeleteMarkerVersionId>${markerOfA}</DeleteMarkerVersionId>`,
  ]);
  assertEquals(elements(gone, "Error"), [
    `<Key>b</Key><VersionId>${STRANGE}</VersionId><Code>NoSuchVersion</Code>` +
    "<Message>The specified version does not exist.</Message>",
  ]);
  assertEquals(server.versions("media").map(({ key }) => key), ["absent"]);
  assertEquals(elements(await deleteMany(server, [["absent", markerOfAbsent]], true), "Deleted"), []);
  assertEquals(server.versions("media"), []);
});

Deno.test("DeleteObject with If-Match compares the version that it deletes", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  await storeVersion(server, "/media/a.txt", "2");
  const headers = { "if-match": '"c4ca4238a0b923820dcc509a6f75849b"' }; // of "1"
  const plan = { method: "DELETE", headers };
  assertEquals(await outcome(send(server, "/media/a.txt", plan)), [412, "PreconditionFailed"]);
  assertEquals((await send(server, `/media/a.txt?versionId=${first}`, plan)).status, 204);
});
