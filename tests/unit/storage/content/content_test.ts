import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { nameOfContent, prepareContent, type SaveContent } from "../../../../src/storage/content/content.ts";
import { spoolContent } from "../../../../src/storage/content/stream_content.ts";
import type { PreparedContent } from "../../../../src/storage/content/prepared_content.ts";
import { chunkedStream, patternBytes } from "../../random.ts";
import { watchedBody } from "../../transport.ts";

async function collect(preparing: PreparedContent | Promise<PreparedContent>): Promise<Uint8Array> {
  const prepared = await preparing;
  if ("whole" in prepared) return new Uint8Array(await new Response(prepared.whole).arrayBuffer());
  const chunks = await Array.fromAsync(prepared.stream);
  return new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
}

const BYTES = new TextEncoder().encode("storagé");

async function* pieces(): AsyncGenerator<Uint8Array | string> {
  yield "stor";
  yield new TextEncoder().encode("ag");
  yield "é";
}

const KINDS: Readonly<Record<string, () => SaveContent>> = {
  "a string": () => "storagé",
  "a Uint8Array": () => BYTES,
  "a view into a larger buffer": () => new Uint8Array([1, ...BYTES, 2]).subarray(1, BYTES.length + 1),
  "a DataView": () => new DataView(BYTES.slice().buffer),
  "an ArrayBuffer": () => BYTES.slice().buffer,
  "shared memory": () => {
    const shared = new Uint8Array(new SharedArrayBuffer(BYTES.length));
    shared.set(BYTES);
    return shared;
  },
  "a Blob": () => new Blob(["stor", "agé"]),
  "a File": () => new File(["storagé"], "a.txt"),
  "a Response": () => new Response("storagé"),
  "a Request": () => new Request("http://localhost", { method: "POST", body: "storagé" }),
  "a ReadableStream": () => chunkedStream(BYTES, [3]),
  "a ReadableStream of text": () =>
    new ReadableStream({
      start: (controller) => {
        controller.enqueue("storagé");
        controller.close();
      },
    }) as unknown as ReadableStream<Uint8Array>,
  "an async iterable": () => pieces(),
};

for (const [what, make] of Object.entries(KINDS)) {
  Deno.test(`prepareContent() accepts ${what}`, async () =>
    assertEquals(await collect(prepareContent("a.txt", make())), BYTES));
}

Deno.test("prepareContent() returns the type of content, and nameOfContent() its name", async () => {
  const typeAndName = async (content: SaveContent): Promise<unknown[]> => {
    const { type } = await prepareContent("a.txt", content);
    return [type, nameOfContent(content)];
  };
  assertEquals(await typeAndName(new File(["a"], "a.txt", { type: "text/x" })), ["text/x", "a.txt"]);
  assertEquals(await typeAndName(new File(["a"], "a.txt")), [undefined, "a.txt"]);
  assertEquals(await typeAndName(new Blob(["a"], { type: "text/x" })), ["text/x", undefined]);
  assertEquals(await typeAndName(new Response("a", { headers: { "content-type": "image/png" } })), [
    "image/png",
    undefined,
  ]);
  assertEquals(await typeAndName("a"), [undefined, undefined]);
});

Deno.test("prepareContent() treats a message without a body as empty", async () => {
  assertEquals((await collect(prepareContent("a.txt", new Response(null)))).length, 0);
  assertEquals((await collect(prepareContent("a.txt", new Response(null, { status: 204 })))).length, 0);
  assertEquals((await collect(prepareContent("a.txt", new Request("http://localhost")))).length, 0);
});

Deno.test("prepareContent() refuses a body that was read or has a reader", async () => {
  const used = new Response("a");
  await used.text();
  const locked = new Request("http://localhost", { method: "PUT", body: "a" });
  locked.body!.getReader();
  for (const [message, kind] of [[used, "Response"], [locked, "Request"]] as const) {
    const error = await assertRejects(async () => await prepareContent("a.txt", message), TypeError);
    assertStringIncludes(
      error.message,
      `Cannot save 'a.txt': the body of the ${kind} was already read, or has a reader`,
    );
  }
});

Deno.test("prepareContent() refuses a stream that has a reader", async () => {
  const stream = new Blob(["a"]).stream();
  stream.getReader();
  const error = await assertRejects(async () => await prepareContent("a.txt", stream), TypeError);
  assertEquals(
    error.message,
    "Cannot save this stream: it was already read, or has a reader. Save it before anything else reads it",
  );
});

Deno.test("prepareContent() takes streams where they are no iterables, as in Safari", async () => {
  const iterator = Object.getOwnPropertyDescriptor(ReadableStream.prototype, Symbol.asyncIterator)!;
  Reflect.deleteProperty(ReadableStream.prototype, Symbol.asyncIterator);
  try {
    assertEquals(await collect(prepareContent("a.txt", new Blob(["ab"]).stream())), new Uint8Array([97, 98]));
  } finally {
    Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, iterator);
  }
});

Deno.test("prepareContent() refuses a failed response", async () => {
  for (const status of [404, 500, 304]) {
    const response = new Response(null, { status });
    await assertRejects(
      async () => await prepareContent("a.txt", response),
      TypeError,
      `Cannot save 'a.txt': the response has failed, its status is ${status}`,
    );
  }
});

for (const content of [null, undefined, 5, true, {}, Symbol("a"), () => "a", new Date(), new Map([["a", "b"]])]) {
  Deno.test(`prepareContent() refuses ${Deno.inspect(content)}, and says what is valid`, async () => {
    const error = await assertRejects(
      async () => await prepareContent("a.txt", content as unknown as SaveContent),
      TypeError,
    );
    assertStringIncludes(
      error.message,
      "Cannot save 'a.txt': content must be text, bytes, a Blob, a Request, a Response",
    );
  });
}

Deno.test("prepareContent() fails on a chunk that is neither text nor bytes, and releases the stream", async () => {
  for (const chunk of [5, null, {}]) {
    let cancelled = false;
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(chunk),
      cancel: () => void (cancelled = true),
    });
    await assertRejects(
      () => collect(prepareContent("a.txt", stream as ReadableStream<Uint8Array>)),
      TypeError,
      "Cannot write: data must be",
    );
    assertEquals(cancelled, true);
  }
});

Deno.test("prepareContent() releases a source that is left early", async () => {
  const { stream, fate } = watchedBody(100);
  const prepared = await prepareContent("a.txt", stream);
  if ("whole" in prepared) throw new Error("a stream is not there as a whole");
  for await (const _ of prepared.stream) break;
  assertEquals(fate(), "cancelled");
});

Deno.test("prepareContent() forwards the error of a source", async () => {
  const stream = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("cut")) });
  await assertRejects(() => collect(prepareContent("a.txt", stream)), Error, "cut");
});

Deno.test("spoolContent() reads a short stream to its end", async () => {
  const spooled = await spoolContent(await prepareContent("a.txt", chunkedStream(patternBytes(1000), [7])));
  assertEquals("whole" in spooled, true);
  assertEquals(await collect(spooled), patternBytes(1000));
});

Deno.test("spoolContent() copies chunks, as a source may reuse its buffer", async () => {
  async function* reused(): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(2);
    for (let i = 0; i < 3; i++) {
      buffer.fill(i);
      yield buffer;
    }
  }
  assertEquals([...await collect(await spoolContent(await prepareContent("a.txt", reused())))], [0, 0, 1, 1, 2, 2]);
});

Deno.test("spoolContent() keeps a long stream complete and in order, and releases it if it is left early", async () => {
  const bytes = patternBytes(9 * 1024 * 1024);
  const spooled = await spoolContent(await prepareContent("a.txt", chunkedStream(bytes, [700_000])));
  if ("whole" in spooled) throw new Error("it is too long to be kept");
  let offset = 0;
  for await (const chunk of spooled.stream) {
    assertEquals(chunk.every((byte, index) => byte === bytes[offset + index]), true);
    offset += chunk.byteLength;
  }
  assertEquals(offset, bytes.byteLength);

  let cancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
    cancel: () => void (cancelled = true),
  });
  const left = await spoolContent(await prepareContent("a.txt", endless));
  if ("whole" in left) throw new Error("it is endless");
  for await (const _ of left.stream) break;
  assertEquals(cancelled, true);
});

Deno.test("spoolContent() returns a stream that can be released before it is read", async () => {
  let cancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
    cancel: () => void (cancelled = true),
  });
  const spooled = await spoolContent(await prepareContent("a.txt", endless));
  if ("whole" in spooled) throw new Error("it is endless");
  await spooled.stream[Symbol.asyncIterator]().return?.();
  assertEquals(cancelled, true);
});
