import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { ConnectionError, TimeoutError } from "../../../src/errors.ts";
import { getObject } from "../../../src/client/operations/objects.ts";
import { getUnencoded, streamOf } from "../../../src/transfer/read/encoded_object.ts";
import { readObject } from "../../../src/transfer/read/object_reader.ts";
import { HeldTime, until } from "../held_time.ts";
import { clientOn, scripted } from "../transport.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };

/** A response of ten bytes that sends some of them, and then does what `then` says. */
function answer(given: number, then: (controller: ReadableStreamDefaultController) => void | Promise<void>): Response {
  let started = false;
  const body = new ReadableStream({
    pull: (controller) => {
      if (started) return then(controller);
      started = true;
      controller.enqueue(new Uint8Array(given));
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-length": "10", etag: '"e"' } });
}

async function download(response: Response, signal?: AbortSignal): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const client = clientOn(scripted(() => response), { clientConfig: { timeout: 0.02, maxAttempts: 1 } });
  const { body } = await readObject(client, { ...TARGET, signal });
  const reader = body.getReader();
  assertEquals((await reader.read()).value?.byteLength, 5);
  return reader;
}

Deno.test("a download that stalls throws TimeoutError after the timeout", async () => {
  const reader = await download(answer(5, () => new Promise(() => {})));
  const error = await assertRejects(
    () => reader.read(),
    TimeoutError,
    "GetObject failed: no bytes within 0.02 s",
  );
  assertEquals([error.bucket, error.key], ["bucket", "a.bin"]);
});

Deno.test("a body that throws when it is opened is a ConnectionError, as on Bun after a failed connection", async () => {
  const response = answer(10, () => {});
  const throws = (): never => {
    throw new TypeError("InvalidHTTPResponse");
  };
  const client = clientOn(scripted(() => response), { clientConfig: { maxAttempts: 1 } });
  const { body } = await readObject(client, TARGET);
  Object.defineProperty(response, "body", { get: throws });
  await assertRejects(() => body.getReader().read(), ConnectionError, "InvalidHTTPResponse");
});

Deno.test("idleTimeout limits the wait for each chunk, and not the wait for a response", async () => {
  using time = new HeldTime();
  const clientConfig = { timeout: 100, idleTimeout: 10, maxAttempts: 1 };
  const late = async (): Promise<Response> => {
    await new Promise((resolve) => setTimeout(resolve, 50_000));
    return answer(5, () => new Promise(() => {}));
  };
  const transport = scripted(late);
  const opening = readObject(clientOn(transport, { clientConfig }), TARGET);
  await until(() => transport.requests.length === 1);
  await time.pass(50_000);
  const reader = (await opening).body.getReader();
  assertEquals((await reader.read()).value?.byteLength, 5);
  const reading = assertRejects(() => reader.read(), TimeoutError, "no bytes within 10 s");
  await new Promise((resolve) => setTimeout(resolve)); // the stream asks for a chunk
  await time.pass(10_000);
  await reading;
});

Deno.test("a download that breaks throws ConnectionError with the network's error as its cause", async () => {
  const reset = new TypeError("connection reset");
  const reader = await download(answer(5, (controller) => controller.error(reset)));
  const error = await assertRejects(() => reader.read(), ConnectionError, "connection reset");
  assertStrictEquals(error.cause, reset);
});

Deno.test("a download that ends early throws, even if the transport accepts it", async () => {
  const reader = await download(answer(5, (controller) => controller.close()));
  await assertRejects(() => reader.read(), ConnectionError, "GetObject ended 5 bytes early");
});

Deno.test("a download of unknown length ends with its stream", async () => {
  const response = new Response(new Blob(["hello"]).stream(), { headers: { "content-range": "bytes 0-4/5" } });
  const { body } = await readObject(clientOn(scripted(() => response)), TARGET);
  assertEquals(await new Response(body).text(), "hello");
});

Deno.test("a signal ends a download, even if the transport ignores it", async () => {
  const stop = new AbortController();
  const reader = await download(answer(5, () => new Promise(() => {})), stop.signal);
  const reading = reader.read();
  stop.abort(new Error("changed my mind"));
  assertStringIncludes((await assertRejects(() => reading, Error)).message, "changed my mind");
});

Deno.test("cancelling a download cancels its source", async () => {
  let cancelled: unknown;
  const source = new ReadableStream({ cancel: (reason) => void (cancelled = reason) });
  const response = new Response(source, { headers: { "content-length": "10" } });
  const { body } = await readObject(clientOn(scripted(() => response)), TARGET);
  await body.cancel("enough");
  assertEquals(cancelled, "enough");
});

Deno.test("a body that the runtime decoded may be shorter than announced", async () => {
  const headers = { "content-length": "21", "content-encoding": "gzip", "x-amz-request-id": "id" };
  const client = clientOn(scripted(() => new Response("x", { headers })));
  const { body } = await getObject(client, { ...TARGET, decodes: true }, getUnencoded);
  assertEquals(await new Response(streamOf(body)).text(), "x");
});
