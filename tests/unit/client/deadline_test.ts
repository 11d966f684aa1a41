import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { failureOf, type NetworkStep, underDeadline } from "../../../src/client/deadline.ts";
import { ConnectionError, NotFoundError, TimeoutError } from "../../../src/errors.ts";
import { networkError } from "../transport.ts";

function stepFor(seconds: number, signal?: AbortSignal): NetworkStep {
  const request = { operation: "GetObject", method: "GET", bucket: "b", key: "k", signal } as const;
  return { request, host: "s3.example.com", seconds, attempts: 2 };
}

const never = (): Promise<never> => new Promise(() => {});

Deno.test("underDeadline() returns the result of the work", async () => {
  assertEquals(await underDeadline(stepFor(10), new AbortController(), () => Promise.resolve(1)), 1);
});

Deno.test("underDeadline() aborts work that takes too long", async () => {
  const stop = new AbortController();
  const error = await assertRejects(() => underDeadline(stepFor(0.01), stop, never), TimeoutError);
  assertEquals(error.message, "GetObject failed: no response within 0.01 s");
  assertEquals([error.operation, error.bucket, error.key, error.attempts], ["GetObject", "b", "k", 2]);
  assertEquals(stop.signal.aborted, true);
});

Deno.test("underDeadline() rejects with the reason of the signal, before and during the work", async () => {
  const reason = new Error("stopped");
  const aborted = underDeadline(stepFor(10, AbortSignal.abort(reason)), new AbortController(), never);
  assertStrictEquals(await aborted.catch((error) => error), reason);
  const caller = new AbortController();
  const waiting = underDeadline(stepFor(10, caller.signal), new AbortController(), never);
  caller.abort(reason);
  assertStrictEquals(await waiting.catch((error) => error), reason);
});

Deno.test("underDeadline() converts the failure of work that throws before it returns a promise, as on Bun", async () => {
  const work = (): Promise<never> => {
    throw networkError();
  };
  const error = await assertRejects(() => underDeadline(stepFor(10), new AbortController(), work), ConnectionError);
  assertEquals(error.attempts, 2);
});

Deno.test("failureOf() converts network failures only", () => {
  const step = stepFor(10);
  const cause = networkError();
  for (const failure of [cause, new Error("plain"), Object.assign(new SyntaxError("x"), { code: "ECONNRESET" })]) {
    assertInstanceOf(failureOf(step, failure), ConnectionError);
  }
  const error = failureOf(step, cause) as ConnectionError;
  assertEquals(error.message, "GetObject failed: cannot reach s3.example.com: connection reset by peer");
  assertStrictEquals(error.cause, cause);
  for (const other of [new NotFoundError("missing", {}), new RangeError("ours"), "a text"]) {
    assertStrictEquals(failureOf(step, other), other);
  }
});
