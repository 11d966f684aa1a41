import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { fullJitter, retryAfterMilliseconds, sleep } from "../../../../src/kit/async/backoff.ts";

const NOW = new Date("2026-01-31T12:00:00Z");

Deno.test("fullJitter() is between 0 and a bound that doubles up to the maximum", () => {
  const bounds = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 20_000, 20_000];
  bounds.forEach((bound, retry) => {
    assertEquals(fullJitter(retry, 100, 20_000, () => 0), 0);
    assertEquals(fullJitter(retry, 100, 20_000, () => 0.5), bound / 2);
    assertEquals(fullJitter(retry, 100, 20_000, () => 1), bound);
  });
});

Deno.test("fullJitter() stays within its bounds with real randomness, after any number of retries", () => {
  for (const retry of [0, 3, 10, 1000, 5000]) {
    for (let i = 0; i < 50; i++) {
      const wait = fullJitter(retry, 100, 20_000);
      assert(wait >= 0 && wait <= 20_000, `${wait}`);
    }
  }
});

for (
  const [header, expected] of [
    [null, undefined],
    ["0", 0],
    ["2", 2000],
    [" 2 ", 2000],
    ["Sat, 31 Jan 2026 12:00:05 GMT", 5000],
    ["Sat, 31 Jan 2026 11:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`retryAfterMilliseconds() reads ${JSON.stringify(header)} as ${expected}`, () => {
    assertEquals(retryAfterMilliseconds(header, NOW), expected);
  });
}

Deno.test("sleep() resolves, and removes its listener from the signal", async () => {
  const controller = new AbortController();
  await sleep(1, controller.signal);
  controller.abort(); // would cause an unhandled rejection
});

Deno.test("sleep() rejects with the reason of an aborted signal", async () => {
  const reason = { any: "thing" };
  assertStrictEquals(await assertRejects(() => sleep(60_000, AbortSignal.abort(reason))), reason);
});

Deno.test("sleep() rejects immediately when the signal is aborted, and leaves no timer", async () => {
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => sleeping), reason);
});
