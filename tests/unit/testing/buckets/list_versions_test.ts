import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../random.ts";
import {
  element,
  elements,
  outcome,
  send,
  store,
  storeVersion,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";
import type { S3Server } from "../../../../src/testing/mod.ts";

async function list(server: S3Server, query = ""): Promise<string> {
  return await (await send(server, `/media?versions${query}`)).text();
}

/** The keys and version ids of versions and delete markers, in order. */
function entries(document: string): string[] {
  return [...document.matchAll(/<(Version|DeleteMarker)><Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId>/g)]
    .map(([, kind, key, id]) => `${kind} ${key} ${id}`);
}

async function marker(server: S3Server, path: string): Promise<string> {
  return (await send(server, path, { method: "DELETE" })).headers.get("x-amz-version-id") ?? "";
}

Deno.test("ListObjectVersions lists keys in order, and of each key the newest version first", async () => {
  const server = versionedServer();
  const b1 = await storeVersion(server, "/media/b", "1");
  const a1 = await storeVersion(server, "/media/a", "1");
  const b2 = await marker(server, "/media/b");
  const b3 = await storeVersion(server, "/media/b", "333");
  const text = await list(server);
  assertEquals(entries(text), [`Version a ${a1}`, `Version b ${b3}`, `DeleteMarker b ${b2}`, `Version b ${b1}`]);
  assertEquals(elements(text, "IsLatest"), ["true", "true", "false", "false"]);
  assertEquals([element(text, "IsTruncated"), element(text, "MaxKeys"), element(text, "KeyMarker")], [
    "false",
    "1000",
    "",
  ]);
  assertEquals(elements(text, "Size"), ["1", "3", "1"]);
  const deleted = element(text, "DeleteMarker") ?? "";
  assertEquals(element(deleted, "LastModified"), "2026-01-31T12:00:00.000Z");
  assertEquals([element(deleted, "DisplayName"), element(deleted, "ETag")], ["owner", undefined]);
});

Deno.test("ListObjectVersions of a bucket that was never versioned lists null versions", async () => {
  const server = testServer();
  await store(server, "/media/a", "1");
  await store(server, "/media/a", "2");
  assertEquals(entries(await list(server)), ["Version a null"]);
});

Deno.test("ListObjectVersions pages with both markers, also after the marked version was deleted", async () => {
  const server = versionedServer();
  const ids: string[] = [];
  for (const body of ["1", "2", "3"]) ids.unshift(await storeVersion(server, "/media/a", body));
  const other = await storeVersion(server, "/media/b", "1");
  const first = await list(server, "&max-keys=2");
  assertEquals(entries(first), [`Version a ${ids[0]}`, `Version a ${ids[1]}`]);
  assertEquals([element(first, "IsTruncated"), element(first, "NextKeyMarker")], ["true", "a"]);
  assertEquals(element(first, "NextVersionIdMarker"), ids[1]);
  const rest = [`Version a ${ids[2]}`, `Version b ${other}`];
  const query = `&key-marker=a&version-id-marker=${ids[1]}`;
  const second = await list(server, query);
  assertEquals([entries(second), element(second, "VersionIdMarker")], [rest, ids[1]]);
  for (const id of ids.slice(0, 2)) await send(server, `/media/a?versionId=${id}`, { method: "DELETE" });
  assertEquals(entries(await list(server, query)), rest);
  // Only the key: all its versions are skipped.
  assertEquals(entries(await list(server, "&key-marker=a")), [`Version b ${other}`]);
});

Deno.test("ListObjectVersions continues after a null version that was deleted", async () => {
  const server = testServer();
  await store(server, "/media/a", "0");
  const enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  await send(server, "/media?versioning", { method: "PUT", body: enable });
  const newest = await storeVersion(server, "/media/a", "1");
  assertEquals(entries(await list(server)), [`Version a ${newest}`, "Version a null"]);
  await send(server, "/media/a?versionId=null", { method: "DELETE" });
  assertEquals(entries(await list(server, "&key-marker=a&version-id-marker=null")), []);
});

Deno.test("ListObjectVersions refuses a version marker without a key marker, and one that was never issued", async () => {
  const server = versionedServer();
  const id = await storeVersion(server, "/media/a", "1");
  const alone = await send(server, `/media?versions&version-id-marker=${id}`);
  const text = await alone.text();
  assertEquals([alone.status, element(text, "ArgumentName")], [400, "version-id-marker"]);
  assertEquals(element(text, "Message"), "A version-id marker cannot be specified without a key marker.");
  const strange = send(server, "/media?versions&key-marker=a&version-id-marker=HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD");
  assertEquals(await outcome(strange), [400, "InvalidArgument"]);
});

Deno.test("ListObjectVersions groups keys, and a marker under a common prefix skips it", async () => {
  const server = versionedServer();
  for (const key of ["f/sub/1", "f/sub/2", "f/1", "f/2"]) await store(server, `/media/${key}`, "x");
  await marker(server, "/media/f/sub/1");
  const query = "&prefix=f/&delimiter=/&max-keys=1";
  const keys: string[] = [];
  let after = "";
  do {
    const text = await list(server, `${query}${after}`);
    keys.push(...elements(text, "Key"), ...elements(text, "CommonPrefixes"));
    const [key, id] = [element(text, "NextKeyMarker"), element(text, "NextVersionIdMarker")];
    after = key === undefined ? "" : `&key-marker=${key}${id === undefined ? "" : `&version-id-marker=${id}`}`;
  } while (after !== "");
  assertEquals(keys, ["f/1", "f/2", "<Prefix>f/sub/</Prefix>"]);
  assertEquals(elements(await list(server, "&prefix=f/&delimiter=/&key-marker=f/sub/1"), "CommonPrefixes"), []);
});

Deno.test("pages of random histories are together the whole listing", async () => {
  const random = new SeededRandom(7);
  const alphabet = ["a", "b", "/", "é", "\uff5e", "😀", " ", "+"];
  const server = versionedServer();
  const keys = [...new Set(Array.from({ length: 15 }, () => random.text(alphabet, 1, 3)))];
  for (let turn = 0; turn < 80; turn++) {
    const path = `/media/${encodeURIComponent(random.pick(keys))}`;
    if (random.below(4) === 0) await marker(server, path);
    else await store(server, path, `${turn}`);
  }
  for (let turn = 0; turn < 30; turn++) {
    const parameters = new URLSearchParams({
      "encoding-type": "url",
      prefix: random.text(alphabet, 0, 1),
      delimiter: random.pick(["", "/", "a"]),
    });
    const whole = await list(server, `&${parameters}`);
    const parts = (document: string): string[] => [...entries(document), ...elements(document, "CommonPrefixes")];
    const found: string[] = [];
    parameters.set("max-keys", `${1 + random.below(6)}`);
    while (true) {
      const page = await list(server, `&${parameters}`);
      found.push(...parts(page));
      if (element(page, "IsTruncated") === "false") break;
      const key = decodeURIComponent((element(page, "NextKeyMarker") ?? "").replaceAll("+", " "));
      parameters.set("key-marker", key);
      const id = element(page, "NextVersionIdMarker");
      if (id === undefined) parameters.delete("version-id-marker");
      else parameters.set("version-id-marker", id);
    }
    assertEquals(found.toSorted(), parts(whole).toSorted(), parameters.toString());
    assertEquals(found.filter((each) => !each.startsWith("<")), entries(whole));
  }
});
