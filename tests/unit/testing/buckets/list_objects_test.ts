import { assert, assertEquals } from "@std/assert";
import { compareUtf8 } from "../../../../src/kit/text/utf8_order.ts";
import { listPage } from "../../../../src/testing/buckets/list_objects.ts";
import { SeededRandom } from "../../random.ts";
import {
  element,
  elements,
  outcome,
  send,
  store,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";
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

Deno.test("a continuation token overrides start-after, which is then not repeated", async () => {
  const server = await filled(["a", "b", "c", "d"]);
  const first = await (await send(server, "/media?list-type=2&max-keys=1&start-after=a")).text();
  assertEquals([elements(first, "Key"), element(first, "StartAfter")], [["b"], "a"]);
  const token = encodeURIComponent(element(first, "NextContinuationToken") ?? "");
  const next = await (await send(server, `/media?list-type=2&start-after=c&continuation-token=${token}`)).text();
  assertEquals([elements(next, "Key"), element(next, "StartAfter")], [["c", "d"], undefined]);
  const empty = send(server, "/media?list-type=2&continuation-token=");
  assertEquals(await outcome(empty), [400, "InvalidArgument"]);
});

Deno.test("deleted objects of a versioned bucket are not listed", async () => {
  const server = versionedServer();
  for (const key of ["a/1", "a/2", "b"]) await store(server, `/media/${key}`, "x");
  for (const key of ["a/1", "a/2"]) await send(server, `/media/${key}`, { method: "DELETE" });
  const text = await (await send(server, "/media?list-type=2&delimiter=/")).text();
  assertEquals([elements(text, "Key"), elements(text, "CommonPrefixes")], [["b"], []]);
});

/** The query of a listing, as the model below and the server understand it. */
interface Query {
  readonly prefix: string;
  readonly delimiter: string;
  readonly after: string;
}

/** What S3 documents, without regard for time: every key in the order of bytes, once by itself or in its group. */
function modelListing(keys: readonly string[], { prefix, delimiter, after }: Query): [string[], string[]] {
  const inBytes = (text: string): string => Array.from(new TextEncoder().encode(text), (byte) => byte + 256).join();
  const contents: string[] = [], groups = new Set<string>();
  for (const key of keys.toSorted((a, b) => inBytes(a) < inBytes(b) ? -1 : 1)) {
    if (!key.startsWith(prefix) || (after !== "" && inBytes(key) <= inBytes(after))) continue;
    const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const group = at === -1 ? undefined : key.slice(0, at + delimiter.length);
    if (group === undefined) contents.push(key);
    else if (!after.startsWith(group)) groups.add(group);
  }
  return [contents, [...groups]];
}

/** Reads all pages, and checks that every page but the last is full. */
async function listed(server: S3Server, query: Query, version: 1 | 2, pageSize: number): Promise<[string[], string[]]> {
  const contents: string[] = [], groups: string[] = [];
  const decoded = (list: string[]): string[] => list.map((text) => decodeURIComponent(text.replaceAll("+", " ")));
  const { prefix, delimiter, after } = query;
  const parameters = new URLSearchParams({ prefix, delimiter, "encoding-type": "url", "max-keys": `${pageSize}` });
  if (version === 2) parameters.set("list-type", "2");
  if (after !== "") parameters.set(version === 2 ? "start-after" : "marker", after);
  while (true) {
    const text = await (await send(server, `/media?${parameters}`)).text();
    const keys = decoded(elements(text, "Key"));
    const prefixes = decoded(elements(text, "CommonPrefixes").map((each) => element(each, "Prefix") ?? ""));
    contents.push(...keys);
    groups.push(...prefixes);
    if (element(text, "IsTruncated") === "false") return [contents, groups];
    assertEquals(keys.length + prefixes.length, pageSize);
    if (version === 2) parameters.set("continuation-token", element(text, "NextContinuationToken") ?? "");
    else parameters.set("marker", decoded([element(text, "NextMarker") ?? ""])[0] || keys.at(-1)!);
  }
}

Deno.test("listings of random keys are what a simple model lists, in one page and in many", async () => {
  const random = new SeededRandom(16);
  const alphabet = ["a", "b", "/", "//", "é", "\uff5e", "\ue000", "😀", "🚀", " ", "+", "%2F", "-"];
  const text = (most: number): string => random.text(alphabet, 0, most);
  for (let round = 0; round < 6; round++) {
    const keys = [...new Set(Array.from({ length: 40 }, () => random.text(alphabet, 1, 5)))];
    const server = await filled(keys);
    for (let turn = 0; turn < 20; turn++) {
      const query: Query = {
        prefix: random.pick(["", "", text(1), text(2), random.pick(keys).slice(0, 1)]),
        delimiter: random.pick(["", "/", "/", "a", "😀", "//"]),
        after: random.pick(["", text(3), random.pick(keys), `${text(1)}/`]),
      };
      // A key that starts with half of a surrogate pair cannot be sent.
      if (!query.prefix.isWellFormed()) continue;
      const expected = modelListing(keys, query);
      for (const version of [1, 2] as const) {
        for (const pageSize of [1000, 1 + random.below(5)]) {
          const shown = JSON.stringify({ round, turn, version, pageSize, query, keys });
          assertEquals(await listed(server, query, version, pageSize), expected, shown);
        }
      }
    }
  }
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
