import { assert, assertEquals, assertRejects } from "@std/assert";
import type { S3Request } from "../../../../src/client/request.ts";
import { readObject } from "../../../../src/transfer/read/object_reader.ts";
import { HeldTime, until } from "../../held_time.ts";
import { clientOn, scripted } from "../../transport.ts";
import { ObjectOrigin } from "./object_origin.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const LARGE = 100 * 1024;

function head(key: string, signal?: AbortSignal): S3Request {
  return { operation: "HeadObject", method: "HEAD", bucket: "bucket", key, signal };
}

/** A transport that answers when the test says so. */
function held(): { keys: string[]; answerOne: () => void; fetch: (request: Request) => Promise<Response> } {
  const keys: string[] = [];
  const waiting: (() => void)[] = [];
  return {
    keys,
    answerOne: () => waiting.shift()!(),
    ...scripted((request) => {
      keys.push(new URL(request.url).pathname.slice(1));
      return new Promise((resolve) => waiting.push(() => resolve(new Response(null, { headers: { etag: '"e"' } }))));
    }),
  };
}

Deno.test("at most maxConnections requests are sent at the same time, in the order of the calls", async () => {
  const transport = held();
  const client = clientOn(transport, { clientConfig: { maxConnections: 3 } });
  const sending = Array.from({ length: 10 }, (_, number) => client.send(head(`${number}`)));
  for (let answered = 0; answered < 10; answered++) {
    const sent = Math.min(10, answered + 3);
    await until(() => transport.keys.length === sent, `request ${sent}`);
    transport.answerOne();
  }
  await Promise.all(sending);
  assertEquals(transport.keys, Array.from({ length: 10 }, (_, number) => `${number}`));
});

Deno.test("a request that is aborted while it waits for its turn is not sent, and delays no other one", async () => {
  const transport = held();
  const client = clientOn(transport, { clientConfig: { maxConnections: 1 } });
  const controller = new AbortController();
  const first = client.send(head("first"));
  const second = client.send(head("second", controller.signal));
  const third = client.send(head("third"));
  await until(() => transport.keys.length === 1);
  controller.abort(new Error("changed my mind"));
  await assertRejects(() => second, Error, "changed my mind");
  transport.answerOne();
  await until(() => transport.keys.length === 2);
  transport.answerOne();
  await Promise.all([first, third]);
  assertEquals(transport.keys, ["first", "third"]);
});

Deno.test("a failed request makes room for the next one", async () => {
  const transport = scripted(() => new Response(null, { status: 404 }));
  const client = clientOn(transport, { clientConfig: { maxConnections: 2 } });
  const sending = Array.from({ length: 8 }, (_, number) => client.send(head(`${number}`)));
  assertEquals((await Promise.allSettled(sending)).map(({ status }) => status), Array(8).fill("rejected"));
  assertEquals(transport.requests.length, 8);
});

Deno.test("files that were not read for a second give their connections up to others, the longest wait first", async () => {
  const origin = new ObjectOrigin(LARGE);
  using time = new HeldTime();
  const client = clientOn(origin, { clientConfig: { maxConnections: 2 } });
  const open = async (): ReturnType<typeof readObject> => {
    const object = await readObject(client, TARGET);
    await object.chunks.read();
    return object;
  };
  const first = await open();
  await time.pass(10);
  const second = await open();
  await time.pass(1000);
  const third = await open();
  assertEquals(origin.open, 2);
  assertEquals((await second.chunks.read())?.[0], 1);
  assertEquals(origin.requests.length, 3); // over its own connection
  await time.pass(1000);
  assertEquals((await first.chunks.read())?.[0], 1);
  assertEquals(origin.requests[3]!.headers.get("range"), "bytes=1024-");
  assertEquals(origin.open, 2);
  for (const { chunks } of [first, second, third]) await chunks.cancel();
});

Deno.test("a request waits for files that are being read", async () => {
  const origin = new ObjectOrigin(LARGE);
  const stalled = scripted(
    () => new Response(new ReadableStream(), { headers: { etag: '"e"', "content-length": `${LARGE}` } }),
    origin.fetch,
  );
  const client = clientOn(stalled, { clientConfig: { maxConnections: 1 } });
  const file = await readObject(client, TARGET);
  const reading = file.chunks.read();
  const waiting = readObject(client, TARGET);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(stalled.requests.length, 1);
  await file.chunks.cancel();
  await reading.catch(() => {}); // it was cancelled
  const next = await waiting;
  assertEquals((await next.chunks.read())?.[0], 0);
  await next.chunks.cancel();
});

Deno.test("files that cannot be read over another connection block no request", async () => {
  const origin = new ObjectOrigin(LARGE, 'W/"e"');
  using time = new HeldTime();
  const client = clientOn(origin, { clientConfig: { maxConnections: 2 } });
  const files = [await readObject(client, TARGET), await readObject(client, TARGET)];
  await time.pass(1000);
  files.push(await readObject(client, TARGET));
  assertEquals(origin.open, 3);
  for (const { chunks } of files) {
    assert(await chunks.read() !== undefined);
    await chunks.cancel();
  }
});
