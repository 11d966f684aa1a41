import { MemoryBackend } from "../../../../src/storage/memory/memory_backend.ts";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fileField } from "../../../../src/field/mod.ts";
import { checkDescription } from "../../../../src/storage/checks/header_values.ts";
import { LocalStorage, MemoryStorage, Storage, type WriteOptions } from "../../../../src/storage/mod.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { handleUpload } from "../../../../src/upload/mod.ts";
import { s3On, STORAGES } from "../storages.ts";

const WRONG: readonly WriteOptions[] = [
  { contentDisposition: 'attachment; filename="a.txt\r\nset-cookie: a=b"' },
  { contentType: "text/plain\0" },
  { cacheControl: "ü" },
  { metadata: { "two words": "a" } },
  { metadata: { a: "\u202e" } },
];

Deno.test("checkDescription() accepts printable ASCII, header names, and up to 1984 bytes of metadata", () => {
  for (
    const right of [
      {},
      { contentType: undefined, metadata: undefined },
      { contentType: "", cacheControl: "" },
      { contentDisposition: 'inline; filename="~!.txt"' },
      { metadata: {} },
      { metadata: Object.assign(Object.create(null), { a: "" }) },
      { metadata: { ["__proto__"]: "a", constructor: "b" } },
      { metadata: { a: "v".repeat(1983) } },
    ]
  ) checkDescription("Cannot save", right);
});

Deno.test("checkDescription() shows an invalid value in printable ASCII, and only a part of a long one", () => {
  const refusal = (options: unknown): string =>
    assertThrows(() => checkDescription("Cannot save 'a.txt'", options as WriteOptions), TypeError).message;
  const text = "must be text in printable ASCII without leading or trailing spaces, got";
  assertEquals(
    refusal({ contentType: "\x1b[2J\u009b" }),
    `Cannot save 'a.txt': contentType ${text} "\\u001b[2J\\u009b"`,
  );
  assertEquals(
    refusal({ metadata: { a: { b: 1 } } }),
    `Cannot save 'a.txt': metadata.a ${text} a value of type object`,
  );
  assertEquals(refusal({ metadata: { a: null } }), `Cannot save 'a.txt': metadata.a ${text} null`);
  assertEquals(
    refusal({ metadata: { "\u202ea": "b" } }),
    `Cannot save 'a.txt': each name in metadata must be a header name, got "\\u202ea"`,
  );
  assertEquals(refusal({ contentType: "ü".repeat(100_000) }).length < 600, true);
});

Deno.test("save() refuses a file with a description that headers cannot carry, and ignores such a type of a message", async () => {
  class Odd extends MemoryBackend {
    override async read(
      ...args: Parameters<MemoryBackend["read"]>
    ): ReturnType<MemoryBackend["read"]> {
      const source = await super.read(...args);
      return { ...source, stat: { ...source.stat, contentDisposition: "inline; filename=\xc3\xbc" } };
    }
  }
  const from = new Storage(new Odd());
  await from.save("a.txt", "hello");
  for (const make of Object.values(STORAGES)) {
    const to = make();
    await assertRejects(
      async () => await to.save("b.txt", await from.open("a.txt", "rb")),
      TypeError,
      "contentDisposition",
    );
    const right = { contentDisposition: "inline" };
    await to.save("b.txt", await from.open("a.txt", "rb"), right); // the caller's options come first
    assertEquals((await to.stat("b.txt")).contentDisposition, "inline");
    const message = new Response("hello", { headers: { "content-type": "text/\xfc" } });
    await to.save("c.css", message);
    assertEquals((await to.stat("c.css")).contentType, "text/css; charset=utf-8");
  }
});

Deno.test("forms, fields, multipart uploads, URLs and posts refuse values that headers cannot carry, with a TypeError", async () => {
  const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
  try {
    const s3 = s3On(createS3Server({ buckets: ["media"] }));
    const storages: Storage[] = [new MemoryStorage(), new LocalStorage(folder), s3];
    for (const options of WRONG) {
      for (const storage of storages) {
        const field = fileField(storage);
        await assertRejects(() => field.save("a.txt", "hello", options), TypeError, "Cannot save 'a.txt': ");
        const body = new ReadableStream({ pull: () => Promise.reject(new Error("the form was read")) });
        const headers = { "content-type": "multipart/form-data; boundary=b" };
        const request = new Request("http://localhost/", { method: "POST", headers, body });
        const { contentType, ...save } = options;
        if (contentType === undefined) {
          await assertRejects(() => handleUpload(storage, request, { save }), TypeError, "Cannot store uploads");
        }
        assertEquals(await storage.listdir(""), [[], []]);
      }
      const { contentType, contentDisposition, cacheControl, metadata = {} } = options;
      const parameters = {
        ...contentType && { ContentType: contentType },
        ...contentDisposition && { ContentDisposition: contentDisposition },
        ...cacheControl && { CacheControl: cacheControl },
        Metadata: metadata,
      };
      await assertRejects(() => s3.url("a.txt", { method: "PUT", parameters }), TypeError);
      assertThrows(() => s3.urlSync("a.txt", { method: "PUT", parameters }), TypeError);
      const fields = Object.fromEntries([
        ...Object.entries({
          "Content-Type": contentType,
          "content-disposition": contentDisposition,
          "Cache-Control": cacheControl,
        }),
        ...Object.entries(metadata).map(([name, value]) => [`X-Amz-Meta-${name}`, value]),
      ].filter(([, value]) => value !== undefined));
      await assertRejects(() => s3.presignedPost("a.txt", { fields }), TypeError, "Cannot sign a form for 'a.txt': ");
    }
    await assertRejects(
      () => s3.presignedPost("a.txt", { fields: { "x-amz-meta-a": "1", "X-Amz-Meta-A": "2" } }),
      TypeError,
      "unique",
    );
    await s3.presignedPost("a.txt", {
      fields: { "x-amz-meta-a": "1", "Content-Type": "text/plain", tagging: "<Tagging/>" },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
