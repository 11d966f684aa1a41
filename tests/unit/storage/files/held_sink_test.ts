import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { heldSink } from "../../../../src/storage/files/held_sink.ts";
import type { ByteSink } from "../../../../src/storage/contract/bytes.ts";
import { Holds } from "../../holds.ts";

const { signal } = new AbortController();

function sink(failure?: Error): ByteSink & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    failed: signal,
    write: (chunk) => void calls.push(`write ${chunk.byteLength}`),
    close(): Promise<void> {
      calls.push("close");
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
    abort(): Promise<void> {
      calls.push("abort");
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
  };
}

Deno.test("heldSink() holds the request until the sink is closed", async () => {
  const holds = new Holds();
  const inner = sink();
  const held = heldSink(holds.waitUntil, () => inner);
  assertStrictEquals(held.failed, signal);
  await held.write(new Uint8Array(3));
  assertEquals(await holds.open(), 1);
  await held.close();
  assertEquals([await holds.open(), inner.calls], [0, ["write 3", "close"]]);
});

Deno.test("heldSink() holds the request until the abort that follows a failed close has ended", async () => {
  const holds = new Holds();
  const inner = sink(new Error("full"));
  const held = heldSink(holds.waitUntil, () => inner);
  await assertRejects(() => held.close(), Error, "full");
  assertEquals(await holds.open(), 1);
  await assertRejects(() => held.abort("full"), Error, "full");
  assertEquals([await holds.open(), inner.calls], [0, ["close", "abort"]]);
});

Deno.test("heldSink() opens nothing if waitUntil throws", () => {
  const fails = (): never => {
    throw new TypeError("Illegal invocation");
  };
  assertThrows(() => heldSink(fails, () => sink()), TypeError, "Illegal invocation");
});
