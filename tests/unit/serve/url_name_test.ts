import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { serve } from "../../../src/serve/mod.ts";
import { checkPrefix, nameFromUrl } from "../../../src/serve/url_name.ts";
import { LocalStorage, MemoryStorage, type Storage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";

const NAMES: readonly (readonly [path: string, name: string | undefined, prefix?: string])[] = [
  ["/a.txt", "a.txt"],
  ["/a/b.txt?c=d#e", "a/b.txt"],
  ["/a%20b+c.txt", "a b+c.txt"],
  ["/%C3%A4%F0%9F%98%80.txt", "ä😀.txt"],
  ["/ä😀.txt", "ä😀.txt"],
  ["/100%25.txt", "100%.txt"],
  ["/a/../b.txt", "b.txt"], // resolved by clients and by Request
  ["/%2e%2e/b.txt", "b.txt"],
  ["/a\\b.txt", "a/b.txt"], // a slash in URLs
  ["/%252e%252e%252fa", "%2e%2e%2fa"], // an ordinary name, since it is decoded once
  ["/...", "..."],
  ["/", undefined],
  ["", undefined],
  ["//etc/passwd", undefined],
  ["/a//b.txt", undefined],
  ["/%ff", undefined],
  ["/%", undefined],
  ["/%zz.txt", undefined],
  ["/a%2", undefined],
  ["/%c0%ae%c0%ae/a", undefined], // an overlong dot
  ["/%ed%a0%80", undefined], // a surrogate
  ["/a%00.txt", undefined],
  ["/a%2fb.txt", undefined],
  ["/a%2Fb.txt", undefined],
  ["/..%2fa", undefined],
  ["/%2e%2e%2fa", undefined],
  ["/..%5ca", undefined],
  ["/a%5Cb.txt", undefined],
  ["/%5c%5chost/share", undefined],
  ["/files/a.txt", "a.txt", "/files/"],
  ["/files/a.txt", "a.txt", "/files"],
  ["/files/b/a.txt", "b/a.txt", "/files"],
  ["/fil%65s/a.txt", "a.txt", "/files"],
  ["/filesa.txt", undefined, "/files"],
  ["/files", undefined, "/files"],
  ["/files/", undefined, "/files"],
  ["/files//a.txt", undefined, "/files"],
  ["/files/../a.txt", undefined, "/files"],
  ["/files%2fa.txt", undefined, "/files"],
  ["//files/a.txt", undefined, "/files"],
  ["/other/a.txt", undefined, "/files"],
  ["/FILES/a.txt", undefined, "/files"],
  ["/a%20b/%C3%A4/c.txt", "c.txt", "/a b/ä/"],
  ["/a%20b/%C3%A4/c.txt", "c.txt", "/a%20b/%c3%a4"],
];

for (const [path, name, prefix = "/"] of NAMES) {
  Deno.test(`nameFromUrl() makes ${path} below ${prefix} ${name === undefined ? "no name" : `"${name}"`}`, () => {
    const { url } = new Request(`https://example.com${path}`);
    assertEquals(nameFromUrl(url, checkPrefix(prefix)), name);
  });
}

Deno.test("nameFromUrl() is undefined for a malformed URL", () => {
  for (const url of ["", "a.txt", "http://a b/c", "http://[/a.txt"]) assertEquals(nameFromUrl(url, []), undefined, url);
});

Deno.test("checkPrefix() refuses values that are not the start of a path", () => {
  for (
    const wrong of [
      "",
      "files",
      "files/",
      "/a?b",
      "/a#b",
      "/a\\b",
      "//",
      "/a//b",
      "/../a",
      "/./a",
      "/%ff",
      "/a%2fb",
      "/%00",
      5,
    ]
  ) {
    assertThrows(() => checkPrefix(wrong as string), TypeError, "prefix must be the start of a URL's path");
  }
});

const get = (path: string): Request => new Request(`https://example.com${path}`);

Deno.test("serve() takes the name from the URL, answers 404 without one, and never throws for any URL", async () => {
  const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
  try {
    const storages: Storage[] = [
      new MemoryStorage(),
      new LocalStorage(folder),
      s3On(createS3Server({ buckets: ["media"] })),
      new MemoryStorage({ location: "a/folder/of/its/own" }),
    ];
    const hostile = [
      ...NAMES.filter(([, name, prefix]) => name === undefined && prefix === undefined).map(([path]) => path),
      `/${"a".repeat(1025)}`,
      `/${"%F0%9F%98%80".repeat(300)}`,
      `/${"a/".repeat(100_000)}`,
      `/${"%2e%2e%2f".repeat(100_000)}`,
      `/${"%".repeat(100_000)}`,
      "/.storages/a.json",
      "/a.txt/b.txt", // below a file
      "/docs", // a folder
      "/a%0Ab",
      "/a%1B%5B2J",
    ];
    for (const storage of storages) {
      for (const name of ["a.txt", "docs/ä b.txt"]) await storage.save(name, `content of ${name}`);
      assertEquals(await (await serve(storage, get("/a.txt"))).text(), "content of a.txt");
      assertEquals(await (await serve(storage, get("/docs/%C3%A4%20b.txt"))).text(), "content of docs/ä b.txt");
      assertEquals(await (await serve(storage, get("/x/a.txt"), { prefix: "/x" })).text(), "content of a.txt");
      assertEquals(await (await serve(storage, get("/x"), { name: "a.txt" })).text(), "content of a.txt");
      for (const path of hostile) {
        const response = await serve(storage, get(path));
        assertEquals([response.status, await response.text()], [404, "Not Found\n"], path.slice(0, 40));
        const head = await serve(storage, new Request(get(path), { method: "HEAD" }), {});
        assertEquals([head.status, head.body], [404, null], path.slice(0, 40));
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("serve() refuses invalid arguments", async () => {
  const storage = new MemoryStorage();
  // deno-lint-ignore no-explicit-any -- as a call from JavaScript
  const any = serve as any;
  for (
    const [options, message] of [
      [{ name: undefined }, "name must be a string, got undefined"], // must not fall back to the name in the URL
      [{ name: undefined, downloadName: "a" }, "name must be a string, got undefined"],
      [{ name: null }, "name must be a string, got null"],
      [{ name: 5 }, "name must be a string, got 5"],
      [{ name: {} }, "name must be a string, got a value of type object"],
      [{ name: "a.txt", prefix: "/" }, "prefix cannot be combined with a name"],
      [{ prefix: "files" }, 'prefix must be the start of a URL\'s path, such as "/files/", got "files"'],
      [{ trusted: "false" }, 'trusted must be true or false, got "false"'],
      [{ name: "a.txt", trusted: 1 }, "trusted must be true or false, got 1"],
      [{ name: "a.txt", contentType: "text/ä" }, "contentType must be text in printable ASCII"],
      [{ name: "a.txt", cacheControl: "a\nb" }, "cacheControl must be text in printable ASCII"],
    ] as const
  ) {
    await assertRejects(() => any(storage, get("/a.txt"), options), TypeError, `Cannot serve: ${message}`);
  }
  await assertRejects(() => serve(storage, get("/a.txt"), { headers: { "a b": "c" } }), TypeError);
});
