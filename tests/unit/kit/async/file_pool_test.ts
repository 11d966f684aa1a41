import { assertEquals, assertRejects } from "@std/assert";
import { FilePool, poolWeight } from "../../../../src/kit/async/file_pool.ts";

Deno.test("poolWeight() is from 1 to 8, by 256 KiB", () => {
  assertEquals([0, 262_143, 262_144, 10 ** 9].map((size) => poolWeight({ size })), [1, 1, 2, 8]);
});

Deno.test("FilePool.run() aborts the other files after a failure, and waits for their end", async () => {
  const pool = new FilePool(2);
  const ended: string[] = [];
  const work = async (): Promise<void> => {
    await pool.add(async () => {
      await new Promise<void>((resolve) => pool.signal.addEventListener("abort", () => resolve()));
      ended.push("other");
    });
    await pool.add(() => Promise.reject(new Error("broken")));
    await pool.drain();
  };
  await assertRejects(() => pool.run(work, undefined), Error, "broken");
  assertEquals(ended, ["other"]);
});

Deno.test("FilePool.run() passes on an abort of the caller", async () => {
  const pool = new FilePool(2);
  const caller = new AbortController();
  const work = async (): Promise<void> => {
    caller.abort(new Error("enough"));
    await Promise.resolve();
    pool.signal.throwIfAborted();
  };
  await assertRejects(() => pool.run(work, caller.signal), Error, "enough");
});
