import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { Credentials } from "../../../src/aws/credentials.ts";
import { refreshingCredentials } from "../../../src/credentials/refreshing.ts";
import { ConfigurationError, ServiceError, UnauthenticatedError } from "../../../src/errors.ts";
import { Holds } from "../holds.ts";
import { withoutWaiting } from "../transport.ts";
import { assertNoSecret, NOW } from "./world.ts";
import { credentials, idOf, refreshing, settled } from "./scripted_provider.ts";

Deno.test("a thousand concurrent calls cause one call of the provider and return one object", async () => {
  const test = refreshing({}, credentials("a", 3600), credentials("b", 7200));
  const all = await Promise.all(Array.from({ length: 1000 }, async () => await test.provider()));
  assertEquals([test.calls, new Set(all).size, all[0]!.accessKeyId], [1, 1, "a"]);
  test.seconds = 3600;
  const later = await Promise.all(Array.from({ length: 1000 }, async () => await test.provider()));
  assertEquals([test.calls, new Set(later).size, later[0]!.accessKeyId], [2, 1, "b"]);
});

Deno.test("cached credentials are returned as the same object, without a promise", async () => {
  const test = refreshing({}, credentials("a", 3600));
  const first = await test.provider();
  for (test.seconds of [0, 1, 3299]) assertStrictEquals(test.provider(), first);
  assertEquals(test.calls, 1);
});

Deno.test("one refresh begins five minutes before expiration, and the old credentials are returned meanwhile", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const test = refreshing({}, credentials("a", 3600), promise);
  const first = await test.provider();
  test.seconds = 3299;
  assertStrictEquals(test.provider(), first);
  assertEquals(test.calls, 1);
  test.seconds = 3300;
  for (let call = 0; call < 1000; call++) assertStrictEquals(test.provider(), first);
  assertEquals(test.calls, 2);
  resolve(credentials("b", 7200));
  await settled();
  assertEquals((test.provider() as Credentials).accessKeyId, "b");
  assertEquals(test.calls, 2);
});

Deno.test("calls wait for the refresh in the last minute", async () => {
  const test = refreshing({}, credentials("a", 3600), credentials("b", 7200));
  await test.provider();
  test.seconds = 3541;
  const all = await Promise.all(Array.from({ length: 1000 }, () => idOf(test.provider)));
  assertEquals([test.calls, ...new Set(all)], [2, "b"]);
});

Deno.test("jitter begins a refresh up to a minute earlier, and never later", async () => {
  for (const [random, begins] of [[0, 3300], [0.5, 3270], [0.999, 3241], [1, 3240]] as const) {
    const test = refreshing({ random: () => random }, credentials("a", 3600), credentials("b", 7200));
    await test.provider();
    test.seconds = begins - 1;
    await test.provider();
    assertEquals(test.calls, 1, `random ${random}, before`);
    test.seconds = begins;
    await test.provider();
    assertEquals(test.calls, 2, `random ${random}`);
  }
});

Deno.test("the default jitter differs between caches and stays within its bounds", async () => {
  const begins: number[] = [];
  for (let keeper = 0; keeper < 20; keeper++) {
    let now = NOW;
    let calls = 0;
    const provider = refreshingCredentials(() => credentials(`${++calls}`, 3600), {
      context: { now: () => new Date(now) },
    });
    await provider();
    for (; calls < 2; now += 100) await provider();
    begins.push((now - NOW) / 1000);
  }
  assert(begins.every((seconds) => seconds >= 3239.9 && seconds <= 3300.2), String(begins));
  assert(new Set(begins).size > 10, String(begins));
});

Deno.test("short-lived credentials are refreshed after half their lifetime, not at each call", async () => {
  const test = refreshing({}, credentials("a", 60), credentials("b", 120));
  const first = await test.provider();
  for (test.seconds of [1, 29]) assertStrictEquals(test.provider(), first);
  assertEquals(test.calls, 1);
  test.seconds = 30;
  assertStrictEquals(test.provider(), first);
  await settled();
  assertEquals([test.calls, await idOf(test.provider)], [2, "b"]);
});

Deno.test("after a failed refresh the old credentials are used until they expire, and it is retried after a pause", async () => {
  const test = refreshing({}, credentials("a", 3600), new ServiceError("down"));
  const first = await test.provider();
  const callsAt: number[] = [];
  for (test.seconds = 3300; test.seconds < 3600; test.seconds++) {
    const before = test.calls;
    for (let call = 0; call < 10; call++) assertStrictEquals(await test.provider(), first);
    if (test.calls > before) callsAt.push(test.seconds);
    assert(test.calls - before <= 1);
  }
  // With random() = 0 the pauses are half of 1, 2, 4, … and 60 seconds.
  assertEquals(callsAt.slice(0, 7), [3300, 3301, 3302, 3304, 3308, 3316, 3332]);
  assert(callsAt.length < 20, String(callsAt));
  await assertRejects(async () => await test.provider(), ServiceError, "down");
  test.script.splice(0, 1, credentials("b", 7200));
  assertEquals(await idOf(test.provider), "b");
});

Deno.test("a successful refresh ends the pause", async () => {
  const test = refreshing(
    { random: () => 1 },
    credentials("a", 3600),
    new Error("x"),
    new Error("x"),
    credentials("b", 5000),
  );
  await test.provider();
  const callsAt: number[] = [];
  for (test.seconds = 3240; test.seconds < 3260; test.seconds++) {
    const before = test.calls;
    await test.provider();
    await settled();
    if (test.calls > before) callsAt.push(test.seconds);
  }
  assertEquals(callsAt, [3240, 3241, 3243]);
  test.script.splice(0, 9, new Error("x"), credentials("c", 9000));
  callsAt.length = 0;
  for (test.seconds = 4640; test.seconds < 4650; test.seconds++) {
    const before = test.calls;
    await test.provider();
    await settled();
    if (test.calls > before) callsAt.push(test.seconds);
  }
  assertEquals([callsAt, await idOf(test.provider)], [[4640, 4641], "c"]);
});

Deno.test("a refresh that fails after the expiration rejects only the waiting calls", async () => {
  const { promise, reject } = Promise.withResolvers<unknown>();
  const test = refreshing({}, credentials("a", 3600), promise);
  const first = await test.provider();
  test.seconds = 3530;
  assertStrictEquals(test.provider(), first); // not awaited: an unhandled rejection would fail this test
  test.seconds = 3585;
  const waiting = test.provider();
  test.seconds = 3601;
  reject(new ServiceError("down"));
  await assertRejects(async () => await waiting, ServiceError, "down");
  assertEquals(test.calls, 2);

  const alone = Promise.withResolvers<unknown>();
  const other = refreshing({}, credentials("a", 3600), alone.promise);
  await other.provider();
  other.seconds = 3300;
  await other.provider();
  other.seconds = 3601;
  alone.reject(new ServiceError("down"));
  await settled();
});

Deno.test("earlier failures do not delay the refresh of newer credentials", async () => {
  const down = Array.from({ length: 10 }, () => new ServiceError("down"));
  const test = refreshing({ random: () => 1 }, ...down, credentials("a", 60), credentials("b", 120));
  for (const _ of down) await assertRejects(async () => await test.provider(), ServiceError);
  await test.provider();
  test.seconds = 30;
  await test.provider();
  await settled();
  assertEquals(await idOf(test.provider), "b");
});

Deno.test("a failed first request rejects all waiting calls, and the next call retries", async () => {
  const test = refreshing({}, new ServiceError("down"), credentials("a", 3600));
  const all = await Promise.allSettled(Array.from({ length: 1000 }, async () => await test.provider()));
  assertEquals([test.calls, all.filter(({ status }) => status === "rejected").length], [1, 1000]);
  assertEquals(await idOf(test.provider), "a");
});

Deno.test("a provider that throws synchronously causes a rejection", async () => {
  const provider = refreshingCredentials(() => {
    throw new ConfigurationError("nothing");
  }, { context: { now: () => new Date() } });
  for (let call = 0; call < 3; call++) await assertRejects(async () => await provider(), ConfigurationError, "nothing");
});

Deno.test("refused credentials are not returned again, and refusals of older ones are ignored", async () => {
  const test = refreshing({}, credentials("a", 3600), credentials("b", 3600), credentials("c", 3600));
  const first = await test.provider();
  test.provider.refused!(first);
  const second = await test.provider();
  assertEquals([test.calls, second.accessKeyId], [2, "b"]);
  for (let call = 0; call < 1000; call++) test.provider.refused!(first);
  assertStrictEquals(test.provider(), second);
  for (let call = 0; call < 1000; call++) test.provider.refused!(second);
  const all = await Promise.all(Array.from({ length: 1000 }, () => idOf(test.provider)));
  assertEquals([test.calls, ...new Set(all)], [3, "c"]);
});

Deno.test("if a refresh returns the refused credentials, they stay the same object and refusals are ignored for a minute", async () => {
  const test = refreshing({}, credentials("a", 3600));
  const first = await test.provider();
  test.script[0] = credentials("a", 3600);
  for (let request = 0; request < 100; request++) {
    test.provider.refused!(first);
    assertStrictEquals(await test.provider(), first);
  }
  assertEquals(test.calls, 2);
  test.seconds = 60;
  test.provider.refused!(first);
  test.script[0] = credentials("b", 3600);
  assertEquals(await idOf(test.provider), "b");
});

Deno.test("refused credentials are not returned after a failed refresh, though they have not expired", async () => {
  const test = refreshing({}, credentials("a", 3600), new ServiceError("down"), credentials("b", 3600));
  test.provider.refused!(await test.provider());
  await assertRejects(async () => await test.provider(), ServiceError, "down");
  assertEquals(await idOf(test.provider), "b");
});

Deno.test("credentials refused during an early refresh wait for it", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const test = refreshing({}, credentials("a", 3600), promise);
  const first = await test.provider();
  test.seconds = 3300;
  assertStrictEquals(test.provider(), first);
  test.provider.refused!(first);
  const waiting = test.provider();
  resolve(credentials("b", 7200));
  assertEquals([(await waiting).accessKeyId, test.calls], ["b", 2]);
});

Deno.test("credentials without expiration are cached, or requested at each call with keepLasting: false", async () => {
  const kept = refreshing({}, credentials("a"), credentials("b"));
  const first = await kept.provider();
  kept.seconds = 1e9;
  assertStrictEquals(kept.provider(), first);
  const asked = refreshing(
    { keepLasting: false },
    credentials("own"),
    credentials("b"),
    credentials("c", 3600),
    credentials("d"),
  );
  assertEquals([await idOf(asked.provider), await idOf(asked.provider), await idOf(asked.provider)], ["own", "b", "c"]);
  assertEquals([await idOf(asked.provider), asked.calls], ["c", 3]);
});

Deno.test("with keepLasting: false no caller gets the credentials of another", async () => {
  let calls = 0;
  const inner = async (): Promise<Credentials> => {
    const own = credentials(`${++calls}`);
    await settled();
    return own;
  };
  const provider = refreshingCredentials(inner, { context: { now: () => new Date() }, keepLasting: false });
  const ids = await Promise.all(Array.from({ length: 100 }, () => idOf(provider)));
  assertEquals([calls, new Set(ids).size], [100, 100]);
});

Deno.test("credentials in the shape of the SDKs are accepted, and other values refused", async () => {
  const text = { ...credentials("a"), expiration: "2030-01-01T01:00:00Z" };
  const test = refreshing({}, text, { ...text, accessKeyId: "b", expiration: "2030-01-01T02:00:00Z" });
  const first = await test.provider();
  assertEquals(first.expiration, new Date(NOW + 3_600_000));
  assertStrictEquals(test.provider(), first);
  for (const wrong of [undefined, {}, "hunter2", { ...text, expiration: "soon" }]) {
    const error = await assertRejects(async () => await refreshing({}, wrong).provider(), ConfigurationError);
    assertNoSecret(error);
  }
});

Deno.test("expired credentials of the provider are refused, and the old ones kept", async () => {
  const test = refreshing({}, credentials("a", 3600), credentials("b", 1), credentials("c", 7200));
  const first = await test.provider();
  test.seconds = 3550;
  assertStrictEquals(await test.provider(), first);
  test.seconds = 3600;
  assertEquals(await idOf(test.provider), "c");
  const error = await assertRejects(
    async () => await refreshing({}, credentials("a", 0)).provider(),
    UnauthenticatedError,
    "expired at 2030-01-01T00:00:00.000Z",
  );
  assertNoSecret(error);
});

Deno.test("a refresh older than a minute is abandoned, and its late result ignored", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const test = refreshing({}, promise, credentials("b", 3600));
  const abandoned = test.provider();
  test.seconds = 59;
  const waiting = test.provider();
  assertEquals(test.calls, 1);
  test.seconds = 60;
  assertEquals([await idOf(test.provider), test.calls], ["b", 2]);
  resolve(credentials("a", 9000));
  assertEquals([(await abandoned).accessKeyId, (await waiting).accessKeyId], ["a", "a"]);
  assertEquals(await idOf(test.provider), "b");
});

Deno.test("inspecting the provider shows no secret", async () => {
  const test = refreshing({}, credentials("a", 3600));
  await test.provider();
  assertNoSecret(test.provider);
  assertNoSecret({ provider: test.provider });
});

Deno.test("a source that had credentials and lacks them for a moment is asked again, and a first one is not", () =>
  withoutWaiting(async () => {
    const absent = new ConfigurationError("the file is empty");
    const renewed = refreshing({}, credentials("a", 3600), absent, absent, credentials("b", 7200));
    await renewed.provider();
    renewed.seconds = 3600;
    assertEquals([await idOf(renewed.provider), renewed.calls], ["b", 4]);
    renewed.seconds = 7200;
    renewed.script.splice(0, 9, absent);
    await assertRejects(async () => await renewed.provider(), ConfigurationError, "the file is empty");
    assertEquals(renewed.calls, 7);
    const first = refreshing({}, absent);
    await assertRejects(async () => await first.provider(), ConfigurationError, "the file is empty");
    assertEquals(first.calls, 1);
  }));

Deno.test("a refusal by a service is not retried: that is up to the request that needs the credentials", () =>
  withoutWaiting(async () => {
    for (const error of [new ServiceError("down", { status: 503 }), new UnauthenticatedError("sign in")]) {
      const test = refreshing({}, credentials("a", 3600), error);
      await test.provider();
      test.seconds = 3600;
      assertEquals(await assertRejects(async () => await test.provider()), error);
      assertEquals(test.calls, 2);
    }
  }));

Deno.test("the provider says what it waits for", () => {
  const inner = Object.assign(() => credentials("a"), { source: () => "the profile 'dev'" });
  const context = { now: () => new Date() };
  assertEquals(refreshingCredentials(inner, { context }).source(), "the profile 'dev'");
  assertEquals(refreshingCredentials(() => credentials("a"), { context }).source(), "the option credentials");
});

Deno.test("a refresh in the background holds the request that began it, also if it fails", async () => {
  const holds = new Holds();
  const now = (): Date => new Date(NOW + test.seconds * 1000);
  const context = { now, waitUntil: holds.waitUntil };
  const pending = Promise.withResolvers<unknown>();
  const test = refreshing({ context }, credentials("a", 3600), pending.promise, new Error("no answer"));
  assertEquals([await idOf(test.provider), holds.count], ["a", 0]);
  test.seconds = 3400;
  assertEquals([await idOf(test.provider), await holds.open()], ["a", 1]);
  pending.resolve(credentials("b", 7200));
  assertEquals([await holds.open(), await idOf(test.provider)], [0, "b"]);
  test.seconds = 7000;
  assertEquals([await idOf(test.provider), await holds.open(), holds.count], ["b", 0, 2]);
});
