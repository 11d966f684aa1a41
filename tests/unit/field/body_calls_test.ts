import { assertEquals, assertRejects } from "@std/assert";
import { BodyCalls } from "../../../src/field/body_calls.ts";

const refused = Object.assign(new Error("serialization failure"), { code: "40001" });
const lost = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

async function fails(calls: BodyCalls): Promise<void> {
  await assertRejects(() => calls.track(() => Promise.reject(new Error("body"))), Error, "body");
}

Deno.test("BodyCalls takes a success for a commit only if the last call ended", async () => {
  const calls = new BodyCalls();
  assertEquals(calls.outcomeOfSuccess(), "rolled back");
  await fails(calls);
  assertEquals(calls.outcomeOfSuccess(), "rolled back");
  await calls.track(() => Promise.resolve());
  assertEquals([calls.anyEnded, calls.outcomeOfSuccess()], [true, "committed"]);
  await fails(calls);
  assertEquals(calls.outcomeOfSuccess(), "unknown");
});

Deno.test("BodyCalls takes a failure for a rollback if no COMMIT was sent, or its error says so", async () => {
  const calls = new BodyCalls();
  await fails(calls);
  assertEquals(calls.outcomeOfFailure(lost, undefined), "rolled back");
  await calls.track(() => Promise.resolve());
  assertEquals([refused, lost].map((error) => calls.outcomeOfFailure(error, undefined)), ["rolled back", "unknown"]);
  assertEquals([calls.outcomeOfFailure(lost, true), calls.outcomeOfFailure(refused, false)], [
    "rolled back",
    "unknown",
  ]);
  await fails(calls); // the response to an earlier COMMIT may be lost
  assertEquals(calls.outcomeOfFailure(refused, true), "unknown");
});

Deno.test("BodyCalls knows no outcome while a call runs", async () => {
  const calls = new BodyCalls();
  let end = (): void => {};
  const running = calls.track(() => new Promise<void>((resolve) => end = resolve));
  assertEquals([calls.anyRuns, calls.outcomeOfSuccess(), calls.outcomeOfFailure(refused, true)], [
    true,
    "unknown",
    "unknown",
  ]);
  end();
  await running;
  assertEquals([calls.anyRuns, calls.outcomeOfSuccess()], [false, "committed"]);
});
