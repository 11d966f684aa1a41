/** Refreshes that never settle. */
import { assert, assertEquals } from "@std/assert";
import { credentials, idOf, NEVER, refreshing, settled } from "./scripted_provider.ts";

Deno.test("a call that waits for a refresh that never settles begins a new one, and the others join it", async () => {
  // As on Workers, where promises of a cancelled request never settle.
  const test = refreshing({ joinSeconds: 0.01 }, NEVER, credentials("a", 3600), credentials("b", 3600));
  const lost = test.provider();
  const waiting = Array.from({ length: 100 }, () => idOf(test.provider));
  assertEquals(new Set(await Promise.all(waiting)), new Set(["a"]));
  assertEquals(test.calls, 2);
  assert(await Promise.race([lost, settled()]) === undefined);
});

Deno.test("with keepLasting: false, calls that wait for a lost refresh get credentials of their own", async () => {
  const test = refreshing({ joinSeconds: 0.01, keepLasting: false }, NEVER, credentials("a"), credentials("b"));
  void test.provider();
  const ids = await Promise.all([idOf(test.provider), idOf(test.provider)]);
  assertEquals(ids.toSorted(), ["a", "b"]);
});

Deno.test("credentials that are still valid are used while a refresh hangs, also in the last minute", async () => {
  const test = refreshing({ patientSeconds: 0.01 }, credentials("a", 3600), NEVER, NEVER, credentials("b", 7200));
  for (test.seconds of [0, 3300, 3550, 3599]) assertEquals(await idOf(test.provider), "a");
  assertEquals(test.calls, 3); // the refresh of 3300 was abandoned at 3550
  test.seconds = 3659;
  assertEquals(await idOf(test.provider), "b");
});
