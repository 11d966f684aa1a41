import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { credentialsInTime, CredentialsTimeout } from "../../../src/credentials/time_limit.ts";
import { settledWithin } from "../../../src/runtime/deadlines.ts";
import { TimeoutError } from "../../../src/errors.ts";

const NEVER = new Promise<string>(() => {});

Deno.test("settledWithin() returns what comes in time, and leaves no timer", async () => {
  assertEquals(await settledWithin(3600, Promise.resolve("a"), () => "late"), "a");
  await assertRejects(() => settledWithin(3600, Promise.reject(new Error("b")), () => "late"), Error, "b");
});

Deno.test("settledWithin() returns the result of late() once the time is over, or what it throws", async () => {
  assertEquals(await settledWithin(0.001, NEVER, () => "late"), "late");
  assertEquals(await settledWithin(0.001, NEVER, () => Promise.resolve("later")), "later");
  const late = (): string => {
    throw new Error("too late");
  };
  await assertRejects(() => settledWithin(0.001, NEVER, late), Error, "too late");
});

Deno.test("credentialsInTime() names the source that is asked when the time is over", async () => {
  let asked = "environment";
  const provider = Object.assign(() => ({ accessKeyId: "a", secretAccessKey: "b" }), { source: () => asked });
  const waiting = credentialsInTime(0.001, NEVER, provider);
  asked = "web identity";
  const error = await assertRejects(() => waiting, TimeoutError);
  assertInstanceOf(error, CredentialsTimeout);
  assertEquals(
    error.message,
    "Cannot get credentials: web identity did not answer within 0.001 s (clientConfig.credentialsTimeout)",
  );
});
