import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { readerOf, type StreamReader } from "../../../src/runtime/stream_reader.ts";

/** Runs as in workerd. */
async function inWorkerd(run: () => Promise<void>): Promise<void> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator")!;
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true });
  try {
    await run();
  } finally {
    Object.defineProperty(globalThis, "navigator", before);
  }
}

/** A stream of bytes that arrive in these chunks. */
function byteStream(...chunks: number[][]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    pull(controller): void {
      const chunk = chunks.shift();
      if (chunk !== undefined) return controller.enqueue(new Uint8Array(chunk));
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

async function chunksOf(reader: StreamReader): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let value; (value = (await reader.read()).value) !== undefined;) chunks.push(value);
  return chunks;
}

Deno.test("readerOf() returns the default reader on other runtimes than workerd", async () => {
  const chunk = new Uint8Array([1, 2]);
  assertStrictEquals((await readerOf(ReadableStream.from([chunk])).read()).value, chunk);
});

Deno.test("readerOf() returns chunks in workerd that stay as they are", () =>
  inWorkerd(async () => {
    const chunks = await chunksOf(readerOf(byteStream([1, 2], [3], [4, 5, 6])));
    assertEquals(chunks.map((chunk) => [...chunk]), [[1, 2], [3], [4, 5, 6]]);
    assertEquals(chunks.map((chunk) => chunk.buffer.byteLength), [2, 1, 3]);
  }));

Deno.test("readerOf() uses one buffer of 64 KiB in workerd if chunks are borrowed", () =>
  inWorkerd(async () => {
    const reader = readerOf(byteStream([1, 2], [3]), true);
    const first = (await reader.read()).value!;
    assertEquals([[...first], first.buffer.byteLength], [[1, 2], 65536]);
    assertEquals([...(await reader.read()).value!], [3]);
    assertEquals(first.byteLength, 0); // the buffer is used again
    assertEquals((await reader.read()).done, true);
  }));

Deno.test("readerOf() reads streams in workerd that are not of bytes", () =>
  inWorkerd(async () => {
    const chunk = new Uint8Array(100_000);
    assertEquals(await chunksOf(readerOf(ReadableStream.from([chunk]), true)), [chunk]);
  }));

Deno.test("readerOf() allows reads that overlap in workerd", () =>
  inWorkerd(async () => {
    const reader = readerOf(byteStream([1, 2], [3]));
    const [first, second] = await Promise.all([reader.read(), reader.read()]);
    assertEquals([[...first.value!], [...second.value!]], [[1, 2], [3]]);
  }));

Deno.test("readerOf() passes on cancelling and failures in workerd", () =>
  inWorkerd(async () => {
    let reason: unknown;
    await readerOf(new ReadableStream({ type: "bytes", cancel: (given) => void (reason = given) })).cancel("no need");
    assertEquals(reason, "no need");
    const failing = new ReadableStream({ type: "bytes", pull: (controller) => controller.error(new Error("broken")) });
    await assertRejects(() => readerOf(failing).read(), Error, "broken");
    const locked = byteStream();
    locked.getReader();
    await assertRejects(() => Promise.resolve().then(() => readerOf(locked)), TypeError);
  }));
