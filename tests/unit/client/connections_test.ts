import { assertEquals } from "@std/assert";
import { BodySlot, Connections } from "../../../src/client/connections.ts";

function slotOn(connections: Connections, signal?: AbortSignal): { slot: BodySlot; stop: AbortController } {
  const stop = new AbortController();
  return { slot: new BodySlot({}, connections, new Response(), stop, signal), stop };
}

Deno.test("a body counts until its first bytes were read, and then while its reader waits", () => {
  const connections = new Connections();
  const { slot } = slotOn(connections);
  const counts = [connections.counted];
  for (const step of ["read", "rest", "read", "rest", "read", "release"] as const) {
    slot[step]();
    counts.push(connections.counted);
  }
  assertEquals(counts, [1, 1, 0, 1, 0, 1, 0]);
  assertEquals(connections.bodies.size, 0);
});

Deno.test("the caller's signal aborts the request of a body and its pending read, until the body is released", () => {
  const connections = new Connections();
  const controller = new AbortController();
  const failed: string[] = [];
  const [read, resting, released] = [1, 2, 3].map(() => slotOn(connections, controller.signal)) as [
    ReturnType<typeof slotOn>,
    ReturnType<typeof slotOn>,
    ReturnType<typeof slotOn>,
  ];
  read.slot.read(() => failed.push("read"));
  resting.slot.read(() => failed.push("resting"));
  resting.slot.rest();
  released.slot.release();
  controller.abort(new Error("stopped"));
  assertEquals(failed, ["read"]);
  assertEquals([read, resting, released].map(({ stop }) => stop.signal.aborted), [true, true, false]);
});

Deno.test("BodySlot.close() aborts the request, and the body counts no longer", () => {
  const connections = new Connections();
  const { slot, stop } = slotOn(connections);
  slot.close();
  assertEquals([stop.signal.aborted, slot.isSuspended, connections.counted, connections.bodies.size], [
    true,
    true,
    0,
    0,
  ]);
});

Deno.test("Connections stops to watch idle bodies with the last one", () => {
  const connections = new Connections();
  let stops = 0;
  connections.idle = { watch: () => {}, stop: () => stops++ };
  const [first, second] = [slotOn(connections), slotOn(connections)];
  first.slot.release();
  assertEquals(stops, 0);
  second.slot.close();
  assertEquals(stops, 1);
});
