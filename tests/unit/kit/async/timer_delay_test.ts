import { assertEquals } from "@std/assert";
import { sleep } from "../../../../src/kit/async/backoff.ts";
import { timerDelay } from "../../../../src/kit/async/timer_delay.ts";

Deno.test("timerDelay() returns a time that timers accept", () => {
  const delays = [-1, -0.1, -Infinity, NaN, 0, 0.5, 1000, 2 ** 31 - 1, 2 ** 31, 1e12, Infinity].map(timerDelay);
  const most = 2 ** 31 - 1;
  assertEquals(delays, [0, 0, 0, 0, 0, 0.5, 1000, most, most, most, most]);
});

Deno.test("sleep() waits for a time that is longer than timers accept", async () => {
  const controller = new AbortController();
  const sleeping = sleep(2 ** 31, controller.signal).then(() => "slept", () => "aborted");
  await new Promise((resolve) => setTimeout(resolve, 10)); // a timer of 1 ms would have ended
  controller.abort();
  assertEquals(await sleeping, "aborted");
});
