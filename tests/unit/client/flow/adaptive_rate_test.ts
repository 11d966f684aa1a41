import { assert, assertEquals, assertRejects } from "@std/assert";
import { AdaptiveRate } from "../../../../src/client/flow/adaptive_rate.ts";
import { ThrottledError } from "../../../../src/errors.ts";
import { HeldTime } from "../../held_time.ts";

const SLOW_DOWN = new ThrottledError("slow down", {});

/** Reports successes at a steady rate. */
async function succeed(rate: AdaptiveRate, time: HeldTime, perSecond: number, seconds: number): Promise<void> {
  for (let count = 0; count < perSecond * seconds; count++) {
    await time.pass(1000 / perSecond);
    rate.update(undefined);
  }
}

Deno.test("AdaptiveRate has no limit until the service asks to slow down", async () => {
  using time = new HeldTime(0);
  const rate = new AdaptiveRate();
  await succeed(rate, time, 50, 5);
  rate.update(new Error("another failure"));
  assertEquals(rate.perSecond, Infinity);
  for (let count = 0; count < 100; count++) await rate.take(undefined);
});

Deno.test("AdaptiveRate falls to 70% of the measured rate, and grows again to more than it was", async () => {
  using time = new HeldTime(0);
  const rate = new AdaptiveRate();
  await succeed(rate, time, 100, 10);
  rate.update(SLOW_DOWN);
  const slowed = rate.perSecond;
  assert(Math.abs(slowed - 70) < 2, `${slowed}`);
  await succeed(rate, time, 70, 2);
  assert(rate.perSecond > slowed, `${rate.perSecond}`);
  await succeed(rate, time, 70, 20);
  assert(rate.perSecond > 100, `${rate.perSecond}`);
});

Deno.test("AdaptiveRate falls further with each request to slow down, not below one in two seconds", async () => {
  using time = new HeldTime(0);
  const rate = new AdaptiveRate();
  await succeed(rate, time, 20, 10);
  rate.update(SLOW_DOWN);
  const slowed = rate.perSecond;
  await time.pass(100);
  rate.update(SLOW_DOWN);
  assert(rate.perSecond < slowed);
  for (let count = 0; count < 50; count++) {
    await time.pass(2000);
    rate.update(SLOW_DOWN);
  }
  assertEquals(rate.perSecond, 0.5);
});

Deno.test("AdaptiveRate.take() spaces requests at the rate, in the order of the calls", async () => {
  using time = new HeldTime(0);
  const rate = new AdaptiveRate();
  await succeed(rate, time, 10, 10);
  rate.update(SLOW_DOWN);
  const { perSecond } = rate;
  const taken: number[] = [];
  for (let number = 0; number < 12; number++) rate.take(undefined).then(() => taken.push(number));
  await time.pass(0);
  const atOnce = taken.length;
  assert(atOnce <= Math.max(1, perSecond), `${atOnce}`);
  await time.pass(1000);
  assert(taken.length - atOnce <= perSecond + 1 && taken.length > atOnce, `${taken.length}`);
  await time.pass(10_000);
  assertEquals(taken, Array.from({ length: 12 }, (_, number) => number));
});

Deno.test("AdaptiveRate.take() waits shorter once the rate grows", async () => {
  using time = new HeldTime(0);
  const rate = new AdaptiveRate();
  rate.update(SLOW_DOWN); // one request in two seconds
  let taken = 0;
  for (let number = 0; number < 50; number++) rate.take(undefined).then(() => taken++);
  await succeed(rate, time, 40, 5);
  assert(rate.perSecond > 20, `${rate.perSecond}`);
  await time.pass(5000);
  assertEquals(taken, 50);
});

Deno.test("AdaptiveRate.take() waits longer once the rate falls", async () => {
  using time = new HeldTime(0);
  const rate = new AdaptiveRate();
  await succeed(rate, time, 40, 5);
  rate.update(SLOW_DOWN);
  let taken = 0;
  for (let number = 0; number < 200; number++) rate.take(undefined).then(() => taken++);
  for (let count = 0; count < 50; count++) rate.update(SLOW_DOWN);
  await time.pass(3000);
  assertEquals(rate.perSecond, 0.5);
  assert(taken <= 2, `${taken}`);
});

Deno.test("AdaptiveRate.take() ends with the signal, and its request does not count", async () => {
  using time = new HeldTime(0);
  const rate = new AdaptiveRate();
  rate.update(SLOW_DOWN); // one request in two seconds
  await time.pass(2010);
  await rate.take(undefined);
  const controller = new AbortController();
  const aborted = rate.take(controller.signal);
  controller.abort(new Error("changed my mind"));
  await assertRejects(() => aborted, Error, "changed my mind");
  let isTaken = false;
  rate.take(undefined).then(() => isTaken = true);
  await time.pass(1980);
  assertEquals(isTaken, false);
  await time.pass(20);
  assertEquals(isTaken, true);
});
