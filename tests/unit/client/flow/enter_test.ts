import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { Connections } from "../../../../src/client/connections.ts";
import { enter } from "../../../../src/client/flow/enter.ts";
import { WaitTimeout } from "../../../../src/client/flow/wait_limit.ts";
import type { S3Request } from "../../../../src/client/request.ts";
import { ThrottledError, TimeoutError } from "../../../../src/errors.ts";
import { HeldTime, until } from "../../held_time.ts";
import { clientOn, scripted } from "../../transport.ts";

const HEAD: S3Request = { operation: "HeadObject", method: "HEAD", bucket: "bucket", key: "a.bin" };
const PUT: S3Request = { operation: "PutObject", method: "PUT", bucket: "bucket", key: "a.bin" };

Deno.test('retryMode "adaptive" delays requests after the service asked to slow down', async () => {
  const transport = scripted(
    new Response(null, { status: 503 }),
    () => new Response(null, { headers: { etag: '"e"' } }),
  );
  using time = new HeldTime();
  const client = clientOn(transport, { clientConfig: { retryMode: "adaptive", maxAttempts: 1 } });
  await assertRejects(() => client.send(HEAD), ThrottledError);
  const sending = client.send(HEAD);
  await time.pass(1990);
  assertEquals(transport.requests.length, 1);
  await time.pass(20);
  await until(() => transport.requests.length === 2);
  await sending;
});

Deno.test('a request that waits for the rate of retryMode "adaptive" ends with callTimeout', async () => {
  const transport = scripted(new Response(null, { status: 503 }), () => new Promise(() => {}));
  using time = new HeldTime();
  const client = clientOn(transport, { clientConfig: { retryMode: "adaptive", maxAttempts: 1, callTimeout: 10 } });
  await assertRejects(() => client.send(HEAD), ThrottledError);
  const failures: unknown[] = [];
  for (let count = 0; count < 20; count++) client.send(HEAD).catch((error) => failures.push(error));
  const waiting = (): unknown[] => failures.filter((error) => error instanceof WaitTimeout);
  await until(async () => {
    await time.pass(1000);
    return waiting().length > 10;
  });
  assertEquals(
    (waiting()[0] as Error).message,
    'HeadObject failed: it waited for the rate of retryMode "adaptive" until callTimeout was over',
  );
  const sent = transport.requests.length;
  assertLess(sent, 8);
  await time.pass(100_000);
  assertEquals([transport.requests.length, failures.length], [sent, 20]); // none is retried
});

Deno.test("a retry waits for a free connection until callTimeout, a first attempt for as long as it takes", async () => {
  using time = new HeldTime();
  const { settings } = clientOn(scripted(), { clientConfig: { maxConnections: 1, callTimeout: 10 } });
  const connections = new Connections();
  connections.sending = 1;
  let isFirstStarted = false;
  const first = enter(connections, settings, HEAD).then(() => isFirstStarted = true);
  const retry = enter(connections, settings, HEAD, performance.now());
  const failure = assertRejects(() => retry, TimeoutError, "it waited for a free connection (maxConnections)");
  await time.pass(10_001);
  await failure;
  await time.pass(1_000_000);
  assertEquals(isFirstStarted, false);
  connections.leave();
  await first;
});

Deno.test('retryMode "standard" delays no request of others', async () => {
  const transport = scripted(
    new Response(null, { status: 503 }),
    () => new Response(null, { headers: { etag: '"e"' } }),
  );
  using _ = new HeldTime();
  const client = clientOn(transport, { clientConfig: { maxAttempts: 1 } });
  await assertRejects(() => client.send(HEAD), ThrottledError);
  await client.send(HEAD);
});

Deno.test("maxBandwidth limits all bodies of a client together", async () => {
  const transport = scripted(async (request) => {
    await request.arrayBuffer();
    return new Response(null, { headers: { etag: '"e"' } });
  });
  using time = new HeldTime();
  const client = clientOn(transport, { transferConfig: { maxBandwidth: 1000 } });
  const sent: number[] = [];
  const sending = [0, 1, 2].map((number) =>
    client.send({ ...PUT, body: new Uint8Array(2000) }).then(() => sent.push(number))
  );
  await until(() => sent.length === 1);
  for (const count of [2, 3]) {
    await time.pass(1800);
    assertEquals(sent.length, count - 1);
    await time.pass(201);
    await until(() => sent.length === count);
  }
  await Promise.all(sending);
  assert(transport.requests.length === 3);
});

for (
  const [what, options, end, message] of [
    [
      "the signal",
      {},
      (controller: AbortController) => controller.abort(new Error("changed my mind")),
      "changed my mind",
    ],
    [
      "unsentSignal",
      { isUnsent: true },
      (controller: AbortController) => controller.abort(new Error("no more")),
      "no more",
    ],
    [
      "callTimeout",
      {},
      undefined,
      "PutObject failed: it waited for bandwidth (maxBandwidth) until callTimeout was over",
    ],
  ] as const
) {
  Deno.test(`a small body that waits for bandwidth ends with ${what}`, async () => {
    const transport = scripted(async (request) => {
      await request.arrayBuffer();
      return new Response(null, { headers: { etag: '"e"' } });
    });
    using time = new HeldTime();
    const client = clientOn(transport, { transferConfig: { maxBandwidth: 10 }, clientConfig: { callTimeout: 20 } });
    await client.send({ ...PUT, body: new Uint8Array(2000) });
    const controller = new AbortController();
    const { signal } = controller;
    const limited = "isUnsent" in options ? { unsentSignal: signal } : { signal };
    let failure: unknown;
    const before = time.pending;
    client.send({ ...PUT, body: new Uint8Array(10), ...limited }).catch((error) => failure = error);
    await until(() => time.pending > before); // it waits for 200 s
    if (end === undefined) await time.pass(21_010);
    else end(controller);
    await until(() => failure !== undefined);
    assertEquals([(failure as Error).message, transport.requests.length], [message, 1]);
  });
}
