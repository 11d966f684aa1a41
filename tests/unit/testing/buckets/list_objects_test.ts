import { assert, assertEquals } from "@std/assert";
import { compareUtf8 } from "../../../../src/kit/text/utf8_order.ts";
import { listPage } from "../../../../src/testing/buckets/list_objects.ts";
import { element, elements, outcome, send, store, testServer } from "../authentication/signed_requests.ts";
import type { S3Server } from "../../../../src/testing/mod.ts";

async function filled(keys: readonly string[]): Promise<S3Server> {
  const server = testServer();
  for (const key of keys) await store(server, `/media/${encodeURIComponent(key)}`, "x");
  return server;
}

Deno.test("keys are listed by their UTF-8 bytes, not by UTF-16 code units", async () => {
  const keys = ["Z", "a", "é", "\ud7ff", "\ue000", "\uffee", "😀", "🚀"];
  const server = await filled([...keys].reverse());
  assertEquals(server.objects("media").map((object) => object.key), keys);
  const encoder = new TextEncoder();
  for (const left of keys) {
    for (const right of keys) {
      const bytes = [encoder.encode(left), encoder.encode(right)].map((each) => [...each].join(",").padStart(20, " "));
      assertEquals(
        Math.sign(compareUtf8(left, right)),
        left === right ? 0 : keys.indexOf(left) < keys.indexOf(right) ? -1 : 1,
        bytes.join(),
      );
    }
  }
});

Deno.test("ListObjectsV2 pages with tokens, and IsTruncated is exact", async () => {
  const server = await filled(["a", "b", "c", "d"]);
  const pages: string[][] = [];
  let token = "";
  do {
    const query = token === "" ? "" : `&continuation-token=${encodeURIComponent(token)}`;
    const text = await (await send(server, `/media?list-type=2&max-keys=2${query}`)).text();
    pages.push(elements(text, "Key"));
    assertEquals(element(text, "KeyCount"), "2");
    token = element(text, "NextContinuationToken") ?? "";
    assertEquals(element(text, "IsTruncated"), `${token !== ""}`);
  } while (token !== "");
  assertEquals(pages, [["a", "b"], ["c", "d"]]);
  const bad = send(server, "/media?list-type=2&continuation-token=nonsense");
  assertEquals(await outcome(bad), [400, "InvalidArgument"]);
  assertEquals(await outcome(send(server, "/media?list-type=2&max-keys=-1")), [400, "InvalidArgument"]);
  const none = await (await send(server, "/media?list-type=2&max-keys=0")).text();
  assertEquals([element(none, "IsTruncated"), element(none, "KeyCount")], ["false", "0"]);
  const after = await (await send(server, "/media?list-type=2&start-after=b")).text();
  assertEquals(elements(after, "Key"), ["c", "d"]);
});

Deno.test("ListObjects pages with markers, and returns NextMarker only with a delimiter", async () => {
  const server = await filled(["a", "b/1", "b/2", "c", "d/1"]);
  const text = await (await send(server, "/media?max-keys=2")).text();
  assertEquals([elements(text, "Key"), element(text, "NextMarker")], [["a", "b/1"], undefined]);
  const first = await (await send(server, "/media?max-keys=2&delimiter=/")).text();
  assertEquals([elements(first, "Key"), elements(first, "CommonPrefixes")], [["a"], ["<Prefix>b/</Prefix>"]]);
  assertEquals(element(first, "NextMarker"), "b/");
  const second = await (await send(server, "/media?max-keys=2&delimiter=/&marker=b/")).text();
  assertEquals([elements(second, "Key"), elements(second, "CommonPrefixes")], [["c"], ["<Prefix>d/</Prefix>"]]);
  assertEquals(element(second, "IsTruncated"), "false");
});

Deno.test("a common prefix that does not sort after the marker is omitted", async () => {
  const server = await filled(["a", "b/1", "b/2", "c"]);
  for (const query of ["?marker=b/1&delimiter=/", "?list-type=2&start-after=b/1&delimiter=/"]) {
    const text = await (await send(server, `/media${query}`)).text();
    assertEquals([elements(text, "Key"), elements(text, "CommonPrefixes")], [["c"], []]);
  }
});

Deno.test("prefix and delimiter group keys into common prefixes", async () => {
  const server = await filled(["x/", "x/a", "x/b/1", "x/b/2", "x/c/1", "y"]);
  const text = await (await send(server, "/media?list-type=2&prefix=x/&delimiter=/")).text();
  assertEquals(elements(text, "Key"), ["x/", "x/a"]);
  assertEquals(elements(text, "CommonPrefixes"), ["<Prefix>x/b/</Prefix>", "<Prefix>x/c/</Prefix>"]);
  assertEquals(element(text, "KeyCount"), "4");
});

Deno.test("encoding-type=url encodes names as forms do", async () => {
  const server = await filled(["a b+c/ü~*.txt"]);
  const text = await (await send(server, "/media?list-type=2&encoding-type=url&prefix=a%20b")).text();
  assertEquals([element(text, "Key"), element(text, "Prefix")], ["a+b%2Bc/%C3%BC%7E*.txt", "a+b"]);
  assertEquals(await outcome(send(server, "/media?encoding-type=base64")), [400, "InvalidArgument"]);
});

Deno.test("an entry has the elements of S3", async () => {
  const server = await filled(["a"]);
  const entry = element(await (await send(server, "/media?list-type=2&fetch-owner=true")).text(), "Contents") ?? "";
  assertEquals(element(entry, "LastModified"), "2026-01-31T12:00:00.000Z");
  assertEquals(element(entry, "ETag"), "&quot;9dd4e461268c8034f5c8564e155c67a6&quot;");
  assertEquals([element(entry, "Size"), element(entry, "StorageClass")], ["1", "STANDARD"]);
  assertEquals(element(entry, "DisplayName"), "owner");
  const plain = await (await send(server, "/media?list-type=2")).text();
  assertEquals(element(plain, "Owner"), undefined);
});

Deno.test("the time for a page of a large listing depends on the length of the page only", () => {
  const keys = Array.from({ length: 200_000 }, (_, index) => `d${String(index % 500).padStart(3, "0")}/${index}`)
    .sort(compareUtf8);
  let reads = 0;
  const counted = new Proxy(keys, {
    get: (target, key, receiver): unknown => {
      reads++;
      return Reflect.get(target, key, receiver);
    },
  });
  let after = "", found = 0;
  do {
    const page = listPage(counted, { prefix: "", delimiter: "/", after, maxKeys: 10 });
    found += page.prefixes.length;
    after = page.next ?? "";
  } while (after !== "");
  assertEquals(found, 500);
  assert(reads < 100 * found, `${reads} reads of keys`); // each prefix is found by halves
});
