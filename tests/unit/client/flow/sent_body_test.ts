import { assert, assertEquals } from "@std/assert";
import { Connections } from "../../../../src/client/connections.ts";
import { Bandwidth } from "../../../../src/client/flow/bandwidth.ts";
import { type SentBody, watchBody } from "../../../../src/client/flow/sent_body.ts";
import { MIN_BYTES_PER_SECOND, type S3Request } from "../../../../src/client/request.ts";
import { PieceBlob } from "../../../../src/runtime/transport/fetch_body.ts";
import { resolveSettings } from "../../../../src/settings/resolve.ts";
import type { TransferConfig } from "../../../../src/settings/options.ts";
import { HeldTime, until } from "../../held_time.ts";

const MEBIBYTE = 1024 ** 2;
const LIMITS = { idle: 60, total: 900 };
const PUT: S3Request = { operation: "PutObject", method: "PUT", bucket: "bucket", key: "a.bin" };

function watch(
  connections: Connections,
  body: Uint8Array<ArrayBuffer> | Blob,
  transferConfig: TransferConfig = {},
): Promise<SentBody> {
  const settings = resolveSettings([{ bucketName: "bucket", transferConfig }], { environment: () => undefined });
  return watchBody(connections, body, settings, LIMITS, new AbortController().signal, PUT);
}

Deno.test("an attempt has time to send all bodies that share the line, and `timeout` after that", async () => {
  using _ = new HeldTime();
  const connections = new Connections();
  const [first, second] = [
    await watch(connections, new Blob([new Uint8Array(MEBIBYTE)])),
    await watch(connections, new Blob([new Uint8Array(MEBIBYTE)])),
  ];
  const expected = 60 + 2 * MEBIBYTE / MIN_BYTES_PER_SECOND;
  assertEquals([first.secondsLeft(), second.secondsLeft()].map(Math.round), [expected, expected]);
  first.end();
  const third = await watch(connections, new Blob([new Uint8Array(MEBIBYTE)]));
  assertEquals(Math.round(third.secondsLeft()), expected); // the first one is sent
});

Deno.test("a small body does not have the time of large ones that were sent since then", async () => {
  using time = new HeldTime();
  const connections = new Connections();
  const small = await watch(connections, new Blob([new Uint8Array(MIN_BYTES_PER_SECOND)]));
  const large = await watch(connections, new Blob([new Uint8Array(MEBIBYTE)]));
  assertEquals(Math.round(small.secondsLeft()), 60 + 1 + 16);
  await time.pass(1000);
  large.end();
  assertEquals(Math.round(small.secondsLeft()), 60 + 1);
  const other = await watch(connections, new Blob([new Uint8Array(MIN_BYTES_PER_SECOND)]));
  assertEquals(Math.round(small.secondsLeft()), 60 + 2);
  await time.pass(30_000);
  other.end(); // others extend no limit
  assertEquals(Math.round(small.secondsLeft()), 60 + 2 - 30);
});

Deno.test("a body whose pieces the runtime takes has time for what buffers hide since then", async () => {
  using time = new HeldTime();
  const size = 64 * MEBIBYTE;
  const sent = await watch(new Connections(), new Uint8Array(size));
  assert(sent.body instanceof PieceBlob);
  const unobserved = 8 * MEBIBYTE / MIN_BYTES_PER_SECOND;
  assertEquals(Math.round(sent.secondsLeft()), 60 + unobserved);
  await time.pass(100_000);
  assertEquals(Math.round(sent.secondsLeft()), 60 + unobserved - 100);
  const reader = sent.body.stream().getReader();
  await reader.read();
  assertEquals(Math.round(sent.secondsLeft()), 60 + unobserved);
  await reader.cancel();
});

Deno.test("progress extends an attempt up to callTimeout and the time to send its bytes", async () => {
  using time = new HeldTime();
  const size = 16 * MEBIBYTE;
  const sent = await watch(new Connections(), new Uint8Array(size));
  const reader = (sent.body as Blob).stream().getReader();
  const all = 900 + size / MIN_BYTES_PER_SECOND;
  for (let second = 0; second < all; second += 50) {
    assert(sent.secondsLeft() > 0, `${second}`);
    await time.pass(50_000);
    await reader.read();
  }
  assert(sent.secondsLeft() <= 0);
  await reader.cancel();
});

Deno.test("an attempt has time to send its body with maxBandwidth below the rate of a usable line", async () => {
  using _ = new HeldTime();
  const connections = new Connections();
  connections.bandwidth = new Bandwidth();
  const sent = await watch(connections, new Uint8Array(MEBIBYTE), { maxBandwidth: 20_000 });
  assertEquals(Math.round(sent.secondsLeft()), Math.round(60 + MEBIBYTE / 20_000));
  sent.end();
  const small = await watch(connections, new Uint8Array(1000), { maxBandwidth: 100 });
  assertEquals(Math.round(small.secondsLeft()), 70);
});

Deno.test("the time in which a piece waits for bandwidth is not that of the server", async () => {
  using time = new HeldTime();
  const connections = new Connections();
  const bandwidth = connections.bandwidth = new Bandwidth();
  const sent = await watch(connections, new Uint8Array(10_000), { maxBandwidth: 20_000 });
  await bandwidth.take(4_000_000, 20_000, undefined); // of a download: 200 s
  const reader = (sent.body as Blob).stream().getReader();
  const reading = reader.read();
  await until(() => time.pending > 0);
  await time.pass(190_000);
  assertEquals(sent.secondsLeft(), 60);
  await time.pass(10_000);
  await reading;
  await time.pass(10_000);
  assertEquals(Math.round(sent.secondsLeft() * 10), 505);
  await reader.cancel();
});

Deno.test("with maxBandwidth, a body is sent in pieces of a quarter of a second", async () => {
  using time = new HeldTime();
  const connections = new Connections();
  connections.bandwidth = new Bandwidth();
  const bytes = new Uint8Array(100_000).map((_, index) => index);
  for (const body of [bytes, new Blob([bytes])]) {
    const sent = await watch(connections, body, { maxBandwidth: 40_000 });
    const reader = (sent.body as Blob).stream().getReader();
    const pieces: Uint8Array[] = [];
    for (;;) {
      const reading = reader.read();
      await time.pass(250);
      const { done, value } = await reading;
      if (done) break;
      pieces.push(value);
    }
    assertEquals(pieces.map(({ byteLength }) => byteLength), Array(10).fill(10_000));
    assertEquals(new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()), bytes);
    sent.end();
  }
});
