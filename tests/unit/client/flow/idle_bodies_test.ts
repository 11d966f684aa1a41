import { assertEquals } from "@std/assert";
import "../../../../src/client/flow/idle_bodies.ts"; // the client loads it on demand, but not while the time is held
import { readObject } from "../../../../src/transfer/read/object_reader.ts";
import { HeldTime } from "../../held_time.ts";
import { clientOn } from "../../transport.ts";
import { ObjectOrigin } from "./object_origin.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const LARGE = 100 * 1024;
const CONFIG = { clientConfig: { idleTimeout: 10 } };

Deno.test("a large body gives its connection up after idleTimeout without a read, and reading continues", async () => {
  const origin = new ObjectOrigin(LARGE);
  using time = new HeldTime();
  const { chunks } = await readObject(clientOn(origin, CONFIG), TARGET);
  await chunks.read();
  await time.pass(9000);
  assertEquals((await chunks.read())?.[0], 1);
  await time.pass(9999);
  assertEquals(origin.open, 1);
  await time.pass(1);
  assertEquals(origin.open, 0);
  assertEquals((await chunks.read())?.[0], 2);
  assertEquals(origin.requests.map(({ headers }) => headers.get("range")), [null, "bytes=2048-"]);
  await time.pass(10_000);
  assertEquals(origin.open, 0);
  await chunks.cancel();
});

Deno.test("a large body that is never read gives its connection up, too", async () => {
  const origin = new ObjectOrigin(LARGE);
  using time = new HeldTime();
  const { chunks } = await readObject(clientOn(origin, CONFIG), TARGET);
  await time.pass(10_000);
  assertEquals(origin.open, 0);
  assertEquals((await chunks.read())?.[0], 0);
  await chunks.cancel();
});

Deno.test("a body without Content-Length gives its connection up, too", async () => {
  const origin = new ObjectOrigin(LARGE, '"e"', true);
  using time = new HeldTime();
  const { chunks } = await readObject(clientOn(origin, CONFIG), { ...TARGET, start: 1024 });
  assertEquals((await chunks.read())?.[0], 1);
  await time.pass(10_000);
  assertEquals(origin.open, 0);
  assertEquals((await chunks.read())?.[0], 2);
  await chunks.cancel();
});

Deno.test("a body that cannot be read over another connection keeps its own", async () => {
  const origin = new ObjectOrigin(LARGE, 'W/"e"');
  using time = new HeldTime();
  const { chunks } = await readObject(clientOn(origin, CONFIG), TARGET);
  await chunks.read();
  await time.pass(3_600_000);
  assertEquals(origin.open, 1);
  assertEquals((await chunks.read())?.[0], 1);
  await chunks.cancel();
});

Deno.test("one timer watches all bodies, each for its own time", async () => {
  const origin = new ObjectOrigin(LARGE);
  using time = new HeldTime();
  const client = clientOn(origin, CONFIG);
  const first = await readObject(client, TARGET);
  await first.chunks.read();
  await time.pass(4000);
  const second = await readObject(client, TARGET);
  await second.chunks.read();
  await time.pass(6000);
  assertEquals(origin.open, 1);
  await time.pass(4000);
  assertEquals(origin.open, 0);
  await first.chunks.cancel();
  await second.chunks.cancel();
});

Deno.test("large bodies that are read to their ends or cancelled leave no timer", async () => {
  const origin = new ObjectOrigin(LARGE);
  const client = clientOn(origin);
  const cancelled = await readObject(client, TARGET);
  await cancelled.chunks.read();
  await cancelled.chunks.cancel();
  const whole = await readObject(client, TARGET);
  while (await whole.chunks.read() !== undefined);
  assertEquals(origin.open, 0);
});
