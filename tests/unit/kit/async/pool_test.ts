import { assertEquals, assertRejects } from "@std/assert";
import { Pool } from "../../../../src/kit/async/pool.ts";

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("Pool.add() runs tasks concurrently up to the limit of their weights", async () => {
  const pool = new Pool(4, () => {});
  let weight = 0;
  const weights: number[] = [];
  for (const each of [1, 1, 1, 1, 1, 3, 2, 9, 1, 4]) {
    await pool.add(async () => {
      weights.push(weight += each);
      await soon();
      weight -= each;
    }, each);
  }
  await pool.drain();
  assertEquals(Math.max(...weights.filter((one) => one !== 9)), 4);
  assertEquals([weights.length, weights.includes(9), weight], [10, true, 0]); // a task above the limit runs alone
});

Deno.test("Pool.add() begins no task after the first failure, and stops those that run", async () => {
  const reasons: unknown[] = [];
  const pool = new Pool(2, (reason) => reasons.push(reason));
  const failure = new Error("failed");
  let begun = 0;
  const work = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      await pool.add(async () => {
        begun++;
        await soon();
        if (i === 2) throw failure;
      });
    }
  };
  await assertRejects(work, Error, "failed");
  await assertRejects(() => pool.drain(), Error, "failed");
  assertEquals([reasons, begun <= 4], [[failure], true]);
});
