import { assert, assertEquals, assertRejects } from "@std/assert";
import { type FormLimits, readForm } from "../../../src/upload/form_reader.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { handleUpload, UploadError, type UploadOptions } from "../../../src/upload/mod.ts";
import { BOUNDARY, formBytes, postForm } from "./forms.ts";

const LIMITS: FormLimits = {
  maxFieldBytes: 1000,
  maxFields: 10,
  maxFileBytes: 10_000_000,
  maxFiles: 10,
  maxTotalBytes: 100_000_000,
};

async function readAll(request: Request, limits: Partial<FormLimits> = {}): Promise<string[]> {
  const read: string[] = [];
  for await (const part of readForm(request, { ...LIMITS, ...limits })) {
    if (part.kind === "field") read.push(`${part.name}=${part.value}`);
    else {
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of part.chunks) text += decoder.decode(chunk, { stream: true });
      read.push(`${part.name}=${part.fileName} (${part.contentType}): ${text}`);
    }
  }
  return read;
}

Deno.test("readForm() returns the same parts for every split of the body", async () => {
  for (
    const content of ["hello", "", "-", "--", "a\r\n--", "\r\n", "x\r\n------WebKitFormBoundaryAbc", "\r\n\r\n-\r\n"]
  ) {
    const body = formBytes([
      { name: "title", content: "naïve -" },
      { name: "file", fileName: "ü%22.txt", type: "text/plain", content },
    ]);
    const expected = ["title=naïve -", `file=ü".txt (text/plain): ${content}`];
    for (let cut = 1; cut < body.byteLength; cut++) {
      assertEquals(await readAll(postForm([body.slice(0, cut), body.slice(cut)])), expected, `cut at ${cut}`);
    }
    assertEquals(await readAll(postForm([...body].map((byte) => Uint8Array.of(byte)))), expected, "byte by byte");
  }
});

Deno.test("readForm() reads a form that the platform wrote", async () => {
  const form = new FormData();
  form.append("a", "1");
  form.append("a", "2\r\n3");
  form.append("file", new File(["hello"], 'a"b\r\nc.txt', { type: "text/plain" }));
  const request = new Request("http://localhost/", { method: "POST", body: form });
  assertEquals(await readAll(request), ["a=1", "a=2\r\n3", 'file=a"b\r\nc.txt (text/plain): hello']);
});

Deno.test("readForm() returns no parts for a form without parts", async () => {
  assertEquals(await readAll(postForm([new TextEncoder().encode("------WebKitFormBoundaryAbc---\r\n")])), []);
});

Deno.test("readForm() ignores bytes before the first boundary and after the last", async () => {
  const form = formBytes([{ name: "a", content: "1" }]);
  const text = (words: string): Uint8Array => new TextEncoder().encode(words);
  assertEquals(await readAll(postForm([text("preamble\r\n"), form, text("epilogue: --x\r\n")])), ["a=1"]);
});

Deno.test("readForm() skips files that are not read", async () => {
  const body = formBytes([
    { name: "one", fileName: "1.txt", content: "1".repeat(100_000) },
    { name: "two", content: "2" },
  ]);
  const names: string[] = [];
  for await (const { name } of readForm(postForm([body.slice(0, 50_000), body.slice(50_000)]), LIMITS)) {
    names.push(name);
  }
  assertEquals(names, ["one", "two"]);
});

Deno.test("readForm() reads the body no faster than the file is read", async () => {
  let pulled = 0;
  const piece = new Uint8Array(65536);
  const start = formBytes([{ name: "file", fileName: "a.bin", content: "" }]).slice(0, -BOUNDARY.length - 8);
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(pulled++ === 0 ? start : piece.slice()),
  }, { highWaterMark: 0 });
  for await (const part of readForm(postForm(body), { ...LIMITS, maxTotalBytes: Infinity })) {
    assert(part.kind === "file");
    let chunks = 0;
    for await (const _ of part.chunks) {
      if (++chunks === 5) break;
      assert(pulled <= chunks + 3, `${pulled} pieces were pulled for ${chunks} chunks`);
    }
    break;
  }
});

Deno.test("readForm() applies limits to the byte", async () => {
  const parts = [{ name: "ab", content: "x".repeat(98) }, { name: "f", fileName: "a.txt", content: "y".repeat(50) }];
  const body = formBytes(parts);
  const within = { maxFieldBytes: 100, maxFields: 1, maxFiles: 1, maxFileBytes: 50, maxTotalBytes: body.byteLength };
  assertEquals((await readAll(postForm([body]), within)).length, 2);
  for (const [name, limit] of Object.entries(within)) {
    const error = await assertRejects(() => readAll(postForm([body]), { ...within, [name]: limit - 1 }), UploadError);
    assertEquals(error.status, 413, name);
  }
});

Deno.test("readForm() refuses a part whose headers never end, at any position and for every split of the body", async () => {
  const part = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"`;
  const broken = `--${BOUNDARY}\r\nContent-Dis\r\n`;
  const end = `--${BOUNDARY}--\r\n`;
  for (
    const form of [
      broken + end,
      part + "\r\n" + end, // no blank line
      `${part}\r\n\r\nvalue\r\n${broken}${end}`,
      `${part}; filename="a.txt"\r\n\r\nvalue\r\n${broken}${end}`,
      // The rest of the headers must not count as the start of the next part's headers.
      `${part}\r\n\r\nvalue\r\n${broken}--${BOUNDARY}\r\nposition: form-data; name="b"\r\n\r\nb\r\n${end}`,
    ]
  ) {
    const body = new TextEncoder().encode(form);
    for (let cut = 0; cut < body.byteLength; cut++) {
      const request = postForm([body.slice(0, cut), body.slice(cut)].filter(({ byteLength }) => byteLength > 0));
      assertEquals((await assertRejects(() => readAll(request), UploadError)).status, 400, `${form} cut at ${cut}`);
    }
  }
});

/** A body with this start that then sends nothing. */
function silentAfter(text: string, onCancel = (): void => {}): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => text === "" ? undefined : controller.enqueue(new TextEncoder().encode(text)),
    cancel: onCancel,
  });
}

Deno.test("a signal aborts a form whose client stops sending, at any position", async () => {
  const file = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nabc`;
  for (const said of ["", `--${BOUNDARY}\r\nContent-`, file]) {
    const [stop, storage] = [new AbortController(), new MemoryStorage()];
    let cancelled = false;
    const body = silentAfter(said, () => void (cancelled = true));
    const upload = handleUpload(storage, postForm(body), { signal: stop.signal });
    stop.abort(new Error("too slow"));
    await assertRejects(() => upload, Error, "too slow");
    assertEquals([cancelled, await storage.listdir()], [true, [[], []]], said);
  }
});

Deno.test("a client that made a mistake and then stops sending gets its answer after a delay", async () => {
  const unsafe = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="../a.txt"\r\n\r\n`;
  const { setTimeout } = globalThis;
  const waits: number[] = [];
  globalThis.setTimeout = ((callback: () => void, milliseconds: number) => {
    waits.push(milliseconds);
    return setTimeout(callback, 0);
  }) as typeof setTimeout;
  try {
    const body = silentAfter(unsafe + "x".repeat(1000));
    const error = await assertRejects(
      () => handleUpload(new MemoryStorage(), postForm(body), { idleTimeout: Infinity, totalTimeout: Infinity }),
      UploadError,
    );
    assertEquals([error.status, waits], [400, [10_000]], "Infinity sets no timer");
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

Deno.test("a form that its headers refuse is read to its end, as a proxy answers 502 otherwise", async () => {
  const form = formBytes([{ name: "a", fileName: "a.bin", content: new Uint8Array(1_000_000) }]);
  const cases: Readonly<Record<string, [headers: Record<string, string>, options: UploadOptions, status: number]>> = {
    "an announced length": [{ "content-length": String(form.byteLength) }, { maxTotalBytes: 1000 }, 413],
    "another type": [{ "content-type": "application/json" }, {}, 415],
    "no boundary": [{ "content-type": "multipart/form-data" }, {}, 400],
    "a long boundary": [{ "content-type": `multipart/form-data; boundary=${"b".repeat(71)}` }, {}, 400],
    "another site": [{ "sec-fetch-site": "cross-site" }, {}, 403],
  };
  for (const [name, [headers, options, status]] of Object.entries(cases)) {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller): void {
        const chunk = form.slice(sent, sent + 65536);
        sent += chunk.byteLength;
        if (chunk.byteLength === 0) controller.close();
        else controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 });
    const error = await assertRejects(() => handleUpload(new MemoryStorage(), postForm(body, headers), options));
    assertEquals([(error as UploadError).status, sent], [status, form.byteLength], name);
  }
});
