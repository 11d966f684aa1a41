import { assertEquals } from "@std/assert";
import { cleanUp } from "../../../../src/kit/async/cleanup.ts";

Deno.test("cleanUp() waits for the work and ignores its failure", async () => {
  const done: string[] = [];
  await cleanUp(Promise.resolve().then(() => done.push("worked")));
  await cleanUp(Promise.reject(new Error("failed")));
  assertEquals(done, ["worked"]);
});

Deno.test("cleanUp() stops waiting after its timeout", async () => {
  const waits: number[] = [];
  const original = globalThis.setTimeout;
  globalThis.setTimeout = ((run: () => void, milliseconds: number) => {
    waits.push(milliseconds);
    return original(run, 0);
  }) as typeof setTimeout;
  try {
    await cleanUp(new Promise(() => {}));
  } finally {
    globalThis.setTimeout = original;
  }
  assertEquals(waits, [5000]);
});
