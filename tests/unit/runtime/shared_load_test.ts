import { assert, assertEquals, assertRejects } from "@std/assert";
import { SharedLoad, type SharedLoadOptions } from "../../../src/runtime/shared_load.ts";

interface Value {
  readonly id: number;
}

interface Loader {
  readonly shared: SharedLoad<Value>;
  /** How many loads were begun. */
  begun: number;
  /** Joins the load under way, or begins one. */
  load(work: (id: number) => Promise<unknown>, signal?: AbortSignal): Promise<Value>;
}

function loader(options: SharedLoadOptions): Loader {
  const shared = new SharedLoad<Value>(options);
  const made: Loader = {
    shared,
    begun: 0,
    async load(work: (id: number) => Promise<unknown>, signal?: AbortSignal): Promise<Value> {
      for (;;) {
        const value = await (shared.join() ?? shared.begin(async () => {
          const id = ++made.begun;
          await work(id);
          return { id };
        }, signal));
        if (value !== undefined) return value;
      }
    },
  };
  return made;
}

const never = new Promise<never>(() => {});
const pause = (milliseconds = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Begins a load as a request does that is then dropped: none of its timers fire. */
function beginDropped(begin: () => unknown): void {
  const { setInterval } = globalThis;
  Object.assign(globalThis, { setInterval: () => undefined });
  try {
    begin();
  } finally {
    Object.assign(globalThis, { setInterval });
  }
}

for (const isDropped of [false, true]) {
  const where = isDropped ? "where requests are dropped" : "where promises settle";

  Deno.test(`concurrent calls share one load, ${where}`, async () => {
    const { load, ...made } = loader({ isDropped });
    const calls = Array.from({ length: 20 }, () => load(() => pause(60)));
    assertEquals(new Set((await Promise.all(calls)).map(({ id }) => id)), new Set([1]));
    assertEquals(made.shared.isRunning, false);
  });

  Deno.test(`a failed load rejects all that joined it, and the next call loads again, ${where}`, async () => {
    const made = loader({ isDropped });
    const fails = (): Promise<never> => pause(10).then(() => Promise.reject(new Error("no answer")));
    const calls = await Promise.allSettled([made.load(fails), made.load(fails), made.load(fails)]);
    assertEquals(calls.map((call) => call.status === "rejected" && call.reason.message), Array(3).fill("no answer"));
    assertEquals(await made.load(() => pause()), { id: 2 });
  });

  Deno.test(`a load that its caller aborted is begun again by one that joined it, ${where}`, async () => {
    const made = loader({ isDropped });
    const stop = new AbortController();
    const aborted = made.load(
      () => new Promise((_, reject) => stop.signal.addEventListener("abort", () => reject(stop.signal.reason))),
      stop.signal,
    );
    const joined = made.load(() => pause(10));
    stop.abort(new Error("changed my mind"));
    await assertRejects(() => aborted, Error, "changed my mind");
    assertEquals(await joined, { id: 2 });
  });

  Deno.test(`a load that takes too long is left, and one of those who waited begins another, ${where}`, async () => {
    const made = loader({ isDropped, joinSeconds: 0.2 });
    const work = (id: number): Promise<unknown> => id === 1 ? new Promise((resolve) => held.push(resolve)) : pause(20);
    const held: ((value: unknown) => void)[] = [];
    const first = made.load(work);
    const ids = await Promise.all(Array.from({ length: 10 }, () => made.load(work)));
    assertEquals(new Set(ids.map(({ id }) => id)), new Set([2]));
    for (const resolve of held) resolve(undefined);
    assertEquals(await first, { id: 1 });
  });

  Deno.test(`a load knows whether a newer one has replaced it, ${where}`, async () => {
    const shared = new SharedLoad<Value>({ isDropped });
    const seen: boolean[] = [];
    const load = (id: number, milliseconds: number): Promise<Value> =>
      shared.begin(async (isCurrent) => {
        await pause(milliseconds);
        seen.push(isCurrent());
        return { id };
      });
    const loads = [load(1, 20), load(2, 5)];
    assertEquals(await Promise.all(loads), [{ id: 1 }, { id: 2 }]);
    assertEquals(seen, [true, false]);
    const forgotten = load(3, 0);
    shared.forget();
    assert(shared.join() === undefined);
    await forgotten;
    assertEquals(seen.at(-1), false);
  });
}

Deno.test("a load whose request was dropped is begun again by one of those that joined it", async () => {
  const made = loader({ isDropped: true });
  beginDropped(() => made.load(() => never));
  const ids = await Promise.all(Array.from({ length: 50 }, () => made.load(() => pause(60))));
  assertEquals(new Set(ids.map(({ id }) => id)), new Set([2]));
});

Deno.test("a load that takes long is not begun again while its request exists", async () => {
  const made = loader({ isDropped: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  const calls = [made.load(() => promise), made.load(() => promise)];
  await pause(1500); // three times as long as a dropped one is waited for
  resolve();
  assertEquals(await Promise.all(calls), [{ id: 1 }, { id: 1 }]);
});
