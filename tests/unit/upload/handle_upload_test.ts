import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Storage } from "../../../mod.ts";
import { StorageError } from "../../../src/errors.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { handleUpload, UploadError, type UploadOptions } from "../../../src/upload/mod.ts";
import { s3On, STORAGES } from "../storage/storages.ts";
import { BOUNDARY, formBytes, postForm, type WrittenPart } from "./forms.ts";

const PNG = "\x89PNG\r\n\x1a\n";
const raw = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const post = (...parts: WrittenPart[]): Request => postForm([formBytes(parts)]);
const file = (fileName: string, content: string | Uint8Array = "hello", type?: string): WrittenPart => ({
  name: "file",
  fileName,
  content,
  ...(type !== undefined && { type }),
});

async function names(storage: Storage): Promise<string[]> {
  return (await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name);
}

async function text(storage: Storage, name: string): Promise<string> {
  return await (await storage.open(name)).text();
}

for (const [kind, make] of Object.entries(STORAGES)) {
  Deno.test(`handleUpload() returns the fields, and stores the files in ${kind}`, async () => {
    const storage = make();
    const result = await handleUpload(
      storage,
      post(
        { name: "title", content: "A title" },
        { name: "tag", content: "1" },
        file("my report.txt"),
        { name: "tag", content: "2" },
        { name: "empty", fileName: "", content: "", type: "application/octet-stream" },
        { name: "picture", fileName: "b.png", content: raw(PNG), type: "text/html" },
      ),
      { save: { cacheControl: "no-cache", metadata: { from: "form" } } },
    );
    assertEquals([...result.fields], [["title", "A title"], ["tag", "1"], ["tag", "2"]]);
    assertEquals(result.files, [
      { fieldName: "file", originalName: "my report.txt", contentType: "text/plain", name: "my_report.txt", size: 5 },
      { fieldName: "picture", originalName: "b.png", contentType: "image/png", name: "b.png", size: 8 },
    ]);
    const stat = await storage.stat("my_report.txt");
    assertEquals([stat.contentType, stat.cacheControl, stat.metadata.from], [
      "text/plain; charset=utf-8",
      "no-cache",
      "form",
    ]);
    assertEquals(await text(storage, "my_report.txt"), "hello");
  });

  Deno.test(`onExisting renames, refuses or replaces in ${kind}`, async () => {
    const storage = make();
    const upload = (onExisting: UploadOptions["onExisting"], content: string): ReturnType<typeof handleUpload> =>
      handleUpload(storage, post(file("a.txt", content)), { onExisting });
    assertEquals((await upload("refuse", "first")).files[0]!.name, "a.txt");
    const error = await assertRejects(() => upload("refuse", "second"), UploadError, "already exists");
    assertEquals([error.status, await text(storage, "a.txt")], [409, "first"]);
    const [renamed] = (await upload(undefined, "third")).files;
    assert(/^a_[A-Za-z0-9]{7}\.txt$/.test(renamed!.name), renamed!.name);
    assertEquals([await text(storage, renamed!.name), await text(storage, "a.txt")], ["third", "first"]);
    assertEquals((await upload("replace", "fourth")).files[0]!.name, "a.txt");
    assertEquals(await text(storage, "a.txt"), "fourth");
  });

  Deno.test(`a form that fails leaves none of its files in ${kind}, and all others`, async () => {
    const storage = make();
    await storage.save("kept.txt", "kept");
    const parts = [file("one.txt"), file("kept.txt", "new"), file("two.txt"), file("../outside.txt")];
    for (const onExisting of ["rename", "replace"] as const) {
      const error = await assertRejects(() => handleUpload(storage, post(...parts), { onExisting }), UploadError);
      assertEquals(error.stored.map(({ name }) => name), onExisting === "replace" ? ["kept.txt"] : []);
      assertEquals(await names(storage), ["kept.txt"]);
      assertEquals(await text(storage, "kept.txt"), onExisting === "replace" ? "new" : "kept");
    }
    const error = await assertRejects(
      () => handleUpload(storage, post(...parts), { onExisting: "replace", allOrNothing: false }),
      UploadError,
    );
    assertEquals(error.stored.map(({ name }) => name), ["one.txt", "kept.txt", "two.txt"]);
    assertEquals(await names(storage), ["kept.txt", "one.txt", "two.txt"]);
  });
}

Deno.test("handleUpload() keeps a file that another writer stores under the name meanwhile", async () => {
  const storage = new MemoryStorage();
  const body = formBytes([file("a.txt", "x".repeat(5000))]);
  const request = postForm(
    new ReadableStream<Uint8Array>({
      async pull(controller): Promise<void> {
        controller.enqueue(body.slice(0, 4000));
        await new Promise((resolve) => setTimeout(resolve));
        await storage.save("a.txt", "meanwhile");
        controller.enqueue(body.slice(4000));
        controller.close();
      },
    }, { highWaterMark: 0 }),
  );
  const error = await assertRejects(() => handleUpload(storage, request, { onExisting: "refuse" }), UploadError);
  assertEquals([error.status, await text(storage, "a.txt")], [409, "meanwhile"]);
});

Deno.test("the option name chooses the stored name, within the location", async () => {
  const storage = new MemoryStorage({ location: "media" });
  const name: UploadOptions["name"] = ({ fieldName, originalName, fields, contentType }) =>
    `${fields.get("folder")}/${fieldName}-${contentType.replace("/", "-")}-${originalName}`;
  const send = (folder: string): ReturnType<typeof handleUpload> =>
    handleUpload(storage, post({ name: "folder", content: folder }, file("a b.txt")), { name });
  assertEquals((await send("ada")).files[0]!.name, "ada/file-text-plain-a b.txt");
  const error = await assertRejects(() => send("../.."), UploadError);
  assertEquals([error.status, error.code], [400, "SuspiciousName"]);
});

Deno.test("handleUpload() reads file names as programs send them, and refuses '..' segments", async () => {
  const storage = new MemoryStorage();
  for (
    const [given, stored] of [
      ["folder/sub/a.txt", "a.txt"],
      ["..a..txt", "..a..txt"],
      ["ünï cödé 日本.txt", "ünï_cödé_日本.txt"],
      ["a%22b%22.txt", "ab.txt"],
      ["100%25.txt", "10025.txt"],
      ["Q: what.txt", "Q_what.txt"],
      ["A:B.txt", "AB.txt"], // the Finder shows it as "A/B.txt"
      ["a:b.txt", "ab.txt"],
      ["C:\\Users\\me\\a.txt", "a.txt"],
      ["C:/Users/me/a.txt", "a.txt"],
      ["\\\\host\\share\\a.txt", "a.txt"],
      ["/srv/me/a.txt", "a.txt"],
    ] as const
  ) {
    const { files } = await handleUpload(storage, post(file(given)), { onExisting: "replace" });
    assertEquals(files[0]!.name, stored);
  }
  const before = await names(storage);
  for (
    const given of [
      "../a.txt",
      "a/../../b.txt",
      "..\\b.txt",
      "C:\\Users\\..\\a.txt",
      "C:\\",
      "%2e%2e%2fa.txt",
      "a%0D%0Ab.txt",
      "a\0b.txt",
      "..",
      ".",
      "/",
      "folder/",
      "  ",
      "???",
    ]
  ) {
    const error = await assertRejects(() => handleUpload(storage, post(file(given))), UploadError);
    assertEquals(error.status, 400, given);
  }
  assertEquals(await names(storage), before);
});

Deno.test("handleUpload() refuses other bodies and malformed forms with different codes", async () => {
  const storage = new MemoryStorage();
  const send = (init: RequestInit): Promise<unknown> =>
    handleUpload(storage, new Request("http://localhost/", { method: "POST", ...init }));
  const type = (contentType: string): RequestInit => ({ body: "x", headers: { "content-type": contentType } });
  for (
    const [init, status] of [
      [{}, 415],
      [{ body: "hello" }, 415],
      [type("application/x-www-form-urlencoded"), 415],
      [type("multipart/mixed; boundary=x"), 415],
      [type("multipart/form-data"), 400],
      [type("multipart/form-data; boundary=x"), 400],
      [{ headers: { "content-type": "multipart/form-data; boundary=x" } }, 400],
    ] as const
  ) {
    const error = await assertRejects(() => send(init), UploadError);
    assertEquals([error.status, error.toResponse().status], [status, status]);
  }
});

Deno.test("handleUpload() refuses invalid options before it reads the body", async () => {
  const storage = new MemoryStorage();
  const request = post(file("a.txt"));
  await assertRejects(() => handleUpload(storage, request, { maxFiles: -1 }), RangeError, "maxFiles");
  await assertRejects(() => handleUpload(storage, request, { maxFileBytes: NaN }), RangeError, "NaN");
  await assertRejects(() => handleUpload(storage, request, { accept: ["png"] }), TypeError, '"png"');
  await assertRejects(() => handleUpload(storage, request, { onExisting: "keep" as "refuse" }), TypeError, '"keep"');
  assertEquals(request.bodyUsed, false);
});

/** A form with a file of that size, which sends as long as it is read. */
function endlessForm(onPull: (pulled: number) => void): ReadableStream<Uint8Array> {
  const start = formBytes([file("large.bin", "")]).slice(0, -BOUNDARY.length - 8);
  let pulled = 0;
  return new ReadableStream({
    pull: (controller) => {
      onPull(pulled);
      controller.enqueue(pulled++ === 0 ? start : new Uint8Array(1024 ** 2));
    },
  }, { highWaterMark: 0 });
}

Deno.test("a client that disconnects leaves no object and no multipart upload", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const body = endlessForm((pulled) => {
    if (pulled === 40) throw new Error("connection reset");
  });
  const error = await assertRejects(() => handleUpload(s3On(server), postForm(body)), UploadError);
  assertEquals([error.status, (error.cause as Error).message], [400, "connection reset"]);
  assertEquals([server.objects("media"), server.openUploads("media")], [[], []]);
});

Deno.test("a file beyond the limit is not stored, and the rest of the body is cancelled", async () => {
  const server = createS3Server({ buckets: ["media"] });
  let last = 0;
  const request = postForm(endlessForm((pulled) => last = pulled));
  const options = { maxFileBytes: 30 * 1024 ** 2 };
  const error = await assertRejects(() => handleUpload(s3On(server), request, options), UploadError, "31457280");
  assertEquals(error.status, 413);
  assert(last < 50, `${last} MiB were read of what may have 30, and 16 more`);
  assertEquals([server.objects("media"), server.openUploads("media")], [[], []]);
});

Deno.test("an aborted upload leaves no files", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const stop = new AbortController();
  const body = endlessForm((pulled) => {
    if (pulled === 20) stop.abort(new Error("changed my mind"));
  });
  const sent = handleUpload(s3On(server), postForm(body), { signal: stop.signal });
  await assertRejects(() => sent, Error, "changed my mind");
  assertEquals([server.objects("media"), server.openUploads("media")], [[], []]);
});

Deno.test("errors of the storage are not UploadErrors", async () => {
  const broken = { fetch: () => Promise.resolve(new Response("<Error/>", { status: 501 })) };
  const storage = s3On(broken as unknown as ReturnType<typeof createS3Server>);
  await assertRejects(() => handleUpload(storage, post(file("a.txt")), { onExisting: "replace" }), StorageError);
});

Deno.test("normalization converts clients' names, before they are checked", async () => {
  const decomposed = "Re\u0301sume\u0301 \ufb01.txt";
  const nameOf = async (fileName: string, options: UploadOptions): Promise<string> => {
    const { files } = await handleUpload(new MemoryStorage(), post(file(fileName)), options);
    return files[0]!.originalName;
  };
  assertEquals(await nameOf(decomposed, {}), decomposed);
  assertEquals(await nameOf(decomposed, { normalization: "NFC" }), "R\u00e9sum\u00e9 \ufb01.txt");
  assertEquals(await nameOf("R\u00e9sum\u00e9 \ufb01.txt", { normalization: "NFD" }), decomposed);
  assertEquals(await nameOf(decomposed, { normalization: "NFKC" }), "R\u00e9sum\u00e9 fi.txt");
  // U+2024 and U+FF0F become a dot and a slash.
  const leaving = "\u2024\u2024\uff0fetc\uff0fpasswd";
  assertEquals(await nameOf(leaving, { normalization: "NFC" }), leaving);
  for (const normalization of ["NFKC", "NFKD"] as const) {
    await assertRejects(() => nameOf(leaving, { normalization }), UploadError, "it has a '.' or '..' segment");
  }
});

Deno.test("a name that .NET encodes is the one in filename*, and is checked like others", async () => {
  const send = async (disposition: string): Promise<string> => {
    const body = `--b\r\nContent-Disposition: form-data; name="file"; ${disposition}\r\n\r\nhello\r\n--b--\r\n`;
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const request = new Request("https://example.com/", { method: "POST", headers, body });
    return (await handleUpload(new MemoryStorage(), request)).files[0]!.originalName;
  };
  const word = (text: string): string => `=?utf-8?B?${btoa(unescape(encodeURIComponent(text)))}?=`;
  assertEquals(await send(`filename="${word("Grüße.txt")}"; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt`), "Grüße.txt");
  assertEquals(await send(`filename="${word("Grüße.txt")}"`), "Grüße.txt");
  for (const name of ["../a.txt", "a\0.txt", "/etc/../passwd", "a\r\nb.txt"]) {
    await assertRejects(() => send(`filename="${word(name)}"`), UploadError, "it has a ");
    await assertRejects(
      () => send(`filename="${word("a.txt")}"; filename*=utf-8''${encodeURIComponent(name)}`),
      UploadError,
      "it has a ",
    );
  }
});
