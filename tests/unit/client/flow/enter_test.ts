import { assert, assertEquals, assertRejects } from "@std/assert";
import type { S3Request } from "../../../../src/client/request.ts";
import { ThrottledError } from "../../../../src/errors.ts";
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
