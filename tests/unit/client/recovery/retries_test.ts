import { assert, assertEquals, assertGreater, assertLess, assertRejects, assertStrictEquals } from "@std/assert";
import { isRetryable, pauseBeforeRetry } from "../../../../src/client/recovery/retries.ts";
import type { S3Request } from "../../../../src/client/request.ts";
import { BUDGET_TOKENS, noFailures } from "../../../../src/client/retry.ts";
import {
  ConnectionError,
  NotFoundError,
  ServiceError,
  type StorageError,
  ThrottledError,
  TimeoutError,
} from "../../../../src/errors.ts";
import type { ClientConfig } from "../../../../src/settings/options.ts";
import { resolveSettings, type Settings } from "../../../../src/settings/resolve.ts";
import { HeldTime } from "../../held_time.ts";
import { SeededRandom } from "../../random.ts";

const REQUEST = { operation: "PutObject", method: "PUT", bucket: "b" } as const;

const settingsWith = (clientConfig: ClientConfig = {}): Settings =>
  resolveSettings([{ bucketName: "b", accessKey: "a", secretKey: "s", clientConfig }], {
    environment: () => undefined,
  });

const refused = (): ConnectionError => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
  return new ConnectionError("PutObject failed", { cause });
};
const reset = (): ConnectionError => new ConnectionError("PutObject failed", { cause: new Error("reset") });
const badGateway = (): ServiceError => new ServiceError("m", { status: 502 });
const gateway503 = (): ThrottledError => {
  const response = new Response(null, { status: 503, headers: { "content-type": "text/html" } });
  return new ThrottledError("m", { status: 503, response });
};
const failing = (): ServiceError => new ServiceError("m", { status: 500, s3Code: "InternalError" });
const slowDown = (): ThrottledError => new ThrottledError("m", { status: 503, s3Code: "SlowDown" });

/** Runs with other random numbers. */
async function withRandom(random: () => number, run: () => Promise<void>): Promise<void> {
  const before = Math.random;
  Math.random = random;
  try {
    await run();
  } finally {
    Math.random = before;
  }
}

/** Runs with seeded random waits. */
async function seeded(run: () => Promise<void>): Promise<void> {
  const numbers = new SeededRandom(17);
  await withRandom(() => numbers.next(), run);
}

/** Runs with the longest waits. */
const withLongestWaits = (run: () => Promise<void>): Promise<void> => withRandom(() => 1, run);

/** Retries until no attempt is left; returns the number of attempts, and the seconds that they took. */
async function exhaust(
  error: () => StorageError,
  clientConfig: ClientConfig,
  { request = {}, budget = { retryTokens: BUDGET_TOKENS }, attemptSeconds = 0 }: {
    request?: Partial<S3Request>;
    budget?: { retryTokens: number };
    /** How long an attempt takes; or a function of the seconds since the first one began. */
    attemptSeconds?: number | ((at: number) => number);
  } = {},
): Promise<{ attempts: number; seconds: number }> {
  using time = new HeldTime(0);
  const settings = settingsWith(clientConfig);
  const startedAt = performance.now();
  const retries = noFailures();
  let attempts = 0;
  const all = (async () => {
    for (;;) {
      attempts++;
      const at = (performance.now() - startedAt) / 1000;
      const duration = typeof attemptSeconds === "number" ? attemptSeconds : attemptSeconds(at);
      if (duration > 0) await new Promise((resolve) => setTimeout(resolve, duration * 1000));
      await pauseBeforeRetry(settings, budget, new Date(0), { error: error(), request, retries, startedAt });
    }
  })();
  let isDone = false;
  let endedAt = NaN;
  all.catch(() => {
    endedAt = performance.now();
    isDone = true;
  });
  for (let passed = 0; !isDone && passed < 5000; passed++) await time.pass(1000);
  await assertRejects(() => all);
  return { attempts, seconds: Math.round(endedAt - startedAt) / 1000 };
}

for (
  const [calls, awaySeconds, what, failure] of [
    [200, 1, "refuses connections", refused],
    [200, 2, "resets connections", reset],
    [200, 4, "refuses connections", refused],
    [200, 8, "refuses connections", refused],
    [40, 1, "resets connections", reset],
    [40, 2, "is behind a gateway that answers 502", badGateway],
    [40, 4, "refuses connections", refused],
    [40, 8, "is behind a gateway that answers 502", badGateway],
  ] as const
) {
  Deno.test(`${calls} calls survive a server that ${what} for ${awaySeconds} s, and return spread out`, async () => {
    await seeded(async () => {
      using time = new HeldTime(0);
      const settings = settingsWith();
      const budget = { retryTokens: BUDGET_TOKENS };
      const backAt = performance.now() + awaySeconds * 1000;
      const arrivals: number[] = [];
      const call = async (): Promise<void> => {
        for (const retries = noFailures(); performance.now() < backAt;) {
          await pauseBeforeRetry(settings, budget, new Date(0), { error: failure(), request: {}, retries });
        }
        arrivals.push(performance.now() - backAt);
      };
      const all = Promise.all(Array.from({ length: calls }, call));
      await time.pass((awaySeconds + 5) * 1000);
      await all;
      // Each call sends one request after the return, as without an outage: no second has more than the usual requests.
      assertEquals([arrivals.length, budget.retryTokens], [calls, BUDGET_TOKENS]);
      assertLess(Math.max(...arrivals), 4000, "calls come back soon");
      // In no tenth of a second does a quarter of them arrive.
      const tenths = Map.groupBy(arrivals, (at) => Math.floor(at / 100));
      for (const group of tenths.values()) assertLess(group.length, calls / 4);
    });
  });
}

for (const [calls, awaySeconds] of [[40, 2], [200, 8]] as const) {
  Deno.test(`${calls} calls survive a server that is behind a gateway that answers 503 for ${awaySeconds} s`, async () => {
    await seeded(async () => {
      const { failed, requests, lastAt, tokens } = await sendAll(calls, (at) => at > awaySeconds);
      assertEquals([failed, tokens], [0, BUDGET_TOKENS]);
      // Later than after refused connections: the gateway may be one that limits requests.
      assertLess(lastAt, awaySeconds + calls / 20 + 5);
      assertLess(requests, calls + 20 * lastAt + 2);
    });
  });
}

Deno.test("a gateway that limits requests with 503 receives at most 20 retries per second, and all succeed", async () => {
  await seeded(async () => {
    let free = 0;
    const { failed, requests, lastAt } = await sendAll(200, (at) => {
      if (at < free) return false;
      free = at + 0.1;
      return true;
    });
    assertEquals(failed, 0);
    assertLess(requests, 200 + 20 * lastAt + 2);
  });
});

Deno.test("a gateway that answers 503 to everything receives a bounded number of requests", async () => {
  await seeded(async () => {
    const { failed, requests } = await sendAll(200, () => false);
    assertEquals(failed, 200);
    assertLess(requests, 200 + 20 * 60 + 2);
    // Much later calls too.
    const many = await sendAll(2000, () => false);
    assertEquals(many.failed, 2000);
    assertLess(many.requests, 2000 + 20 * 60 + 2);
  });
});

/** Sends requests at the same time through a gateway that answers 503, unless it lets a request pass. */
async function sendAll(
  calls: number,
  passes: (seconds: number) => boolean,
): Promise<{ failed: number; requests: number; lastAt: number; tokens: number }> {
  using time = new HeldTime(0);
  const settings = settingsWith();
  const budget = { retryTokens: BUDGET_TOKENS };
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  let [failed, requests, lastAt] = [0, 0, 0];
  const call = async (): Promise<void> => {
    for (const retries = noFailures();; lastAt = seconds()) {
      requests++;
      if (passes(seconds())) return;
      await pauseBeforeRetry(settings, budget, new Date(0), { error: gateway503(), request: {}, retries, startedAt });
    }
  };
  const all = Promise.all(Array.from({ length: calls }, () => call().catch(() => void failed++)));
  await time.pass(100_000);
  await all;
  return { failed, requests, lastAt, tokens: budget.retryTokens };
}

Deno.test("a request ends within timeout, retryTimeout and timeout once more, whatever happens in between", async () => {
  await seeded(async () => {
    // It hangs, is refused as long as possible, and hangs again.
    const { seconds } = await exhaust(refused, {}, { attemptSeconds: (at) => at === 0 || at > 115 ? 60 : 0 });
    assertGreater(seconds, 170);
    assertLess(seconds, 180.001);
  });
});

Deno.test("failures of the network are retried for retryTimeout, whatever their number", async () => {
  await seeded(async () => {
    const { attempts, seconds } = await exhaust(refused, {});
    assertGreater(attempts, 15);
    assertGreater(seconds, 55);
    assertLess(seconds, 60.1);
    const short = await exhaust(reset, { retryTimeout: 5 });
    assertGreater(short.seconds, 1);
    assertLess(short.seconds, 5.1);
  });
});

Deno.test("retryTimeout begins with the first failure: an attempt that timed out is repeated", async () => {
  const timeout = (): TimeoutError => new TimeoutError("m");
  const { attempts, seconds } = await exhaust(timeout, {}, { attemptSeconds: 60 });
  assertEquals(attempts, 2);
  assertLess(seconds, 125);
});

Deno.test("maxAttempts limits the attempts that a server answered, and all attempts where it is given", async () => {
  assertEquals((await exhaust(failing, {})).attempts, 10);
  assertEquals((await exhaust(failing, { maxAttempts: 3 })).attempts, 3);
  assertEquals((await exhaust(refused, { maxAttempts: 3 })).attempts, 3);
  assertEquals((await exhaust(refused, { maxAttempts: 3, maxNetworkAttempts: 5 })).attempts, 5);
  for (const error of [failing, refused, reset, slowDown]) {
    assertEquals((await exhaust(error, { maxAttempts: 1 })).attempts, 1);
  }
});

Deno.test("answers and failures of the network together do not exceed the larger limit", async () => {
  let number = 0;
  const alternating = (): StorageError => ++number % 2 === 0 ? failing() : refused();
  assertEquals((await exhaust(alternating, { maxAttempts: 4 })).attempts, 4);
});

Deno.test("only failures that a server answered spend the budget", async () => {
  const budget = { retryTokens: BUDGET_TOKENS };
  await exhaust(refused, {}, { budget });
  await exhaust(() => new TimeoutError("m"), {}, { budget });
  assertEquals(budget.retryTokens, BUDGET_TOKENS);
  await exhaust(slowDown, {}, { budget });
  assertEquals(budget.retryTokens, BUDGET_TOKENS - 9 * 5);
  assertEquals((await exhaust(slowDown, {}, { budget: { retryTokens: 4 } })).attempts, 1);
  assertGreater((await exhaust(refused, {}, { budget: { retryTokens: 0 } })).attempts, 10);
});

Deno.test("initialBackoff and maxBackoff bound the waits, which begin five times as long after SlowDown", async () => {
  await withLongestWaits(async () => {
    const config = { initialBackoff: 0.5, maxBackoff: 3, retryTimeout: 1000, maxAttempts: 5 };
    assertEquals((await exhaust(failing, config)).seconds, 0.5 + 1 + 2 + 3);
    assertEquals((await exhaust(slowDown, config)).seconds, 2.5 + 3 + 3 + 3);
    assertEquals((await exhaust(failing, { maxAttempts: 8 })).seconds, 10.3);
  });
});

Deno.test("no attempt begins after callTimeout, to which the time for the body is added", async () => {
  const times = (attemptSeconds: number, request: Partial<S3Request> = {}): Promise<{ attempts: number }> =>
    exhaust(failing, { callTimeout: 10, retryTimeout: 1000, maxBackoff: 0.01 }, { attemptSeconds, request });
  await withLongestWaits(async () => {
    assertEquals((await times(4)).attempts, 3);
    assertEquals((await times(4, { body: new Uint8Array(64 * 1024 * 4) })).attempts, 4);
  });
});

Deno.test("an error that is not of this package, and one after an abort, are thrown without a wait", async () => {
  const settings = settingsWith();
  const budget = { retryTokens: BUDGET_TOKENS };
  const own = new RangeError("no");
  const retries = noFailures();
  const thrown = await assertRejects(() =>
    pauseBeforeRetry(settings, budget, new Date(), { error: own, request: {}, retries })
  );
  assertStrictEquals(thrown, own);
  const error = refused();
  const request = { unsentSignal: AbortSignal.abort() };
  assertStrictEquals(
    await assertRejects(() => pauseBeforeRetry(settings, budget, new Date(), { error, request, retries })),
    error,
  );
});

Deno.test("isRetryable() is false for errors of the caller", () => {
  assertEquals(isRetryable(new NotFoundError("m", { status: 404 }), REQUEST), false);
  assertEquals(isRetryable(new ServiceError("m", { status: 505 }), REQUEST), false);
  assertEquals(isRetryable(new ServiceError("m"), REQUEST), false);
});

Deno.test("isRetryable() is false for a certificate that was refused", () => {
  const cause = Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" });
  assertEquals(isRetryable(new ConnectionError("PutObject failed", { cause }), REQUEST), false);
});

Deno.test("isRetryable() is true for what must not be repeated only if nothing acted on it", () => {
  const once = { ...REQUEST, repeatable: false };
  assert(isRetryable(refused(), once));
  assert(isRetryable(slowDown(), once));
  // A gateway that limits requests does so before it passes them on; 503 may mean that it lost the connection after that.
  assert(isRetryable(new ThrottledError("m", { status: 429 }), once));
  const document = new Response(null, { status: 503, headers: { "content-type": "application/xml" } });
  const without = new ThrottledError("m", { status: 503, response: document });
  for (const error of [reset(), failing(), new TimeoutError("m"), gateway503(), without, badGateway()]) {
    assertEquals([isRetryable(error, REQUEST), isRetryable(error, once)], [true, false]);
  }
});
