import { assertEquals, assertRejects } from "@std/assert";
import { Bandwidth } from "../../../../src/client/flow/bandwidth.ts";
import { HeldTime } from "../../held_time.ts";

Deno.test("Bandwidth.take() resolves as soon as the bytes before have passed, in the order of the calls", async () => {
  using time = new HeldTime();
  const bandwidth = new Bandwidth();
  const passed: string[] = [];
  const take = (name: string, bytes: number): void =>
    void bandwidth.take(bytes, 1000, undefined).then(() => passed.push(name));
  take("first", 500);
  take("second", 2000);
  take("third", 1);
  await time.pass(499);
  assertEquals(passed, ["first"]);
  await time.pass(1);
  assertEquals(passed, ["first", "second"]);
  await time.pass(1999);
  assertEquals(passed, ["first", "second"]);
  await time.pass(1);
  assertEquals(passed, ["first", "second", "third"]);
});

Deno.test("Bandwidth.take() saves up no time in which nothing was sent", async () => {
  using time = new HeldTime();
  const bandwidth = new Bandwidth();
  await time.pass(60_000);
  await bandwidth.take(1000, 1000, undefined);
  let isPassed = false;
  bandwidth.take(1, 1000, undefined).then(() => isPassed = true);
  await time.pass(999);
  assertEquals(isPassed, false);
  await time.pass(1);
  assertEquals(isPassed, true);
});

Deno.test("Bandwidth.take() gives back the time of bytes that are aborted", async () => {
  using time = new HeldTime();
  const bandwidth = new Bandwidth();
  const controller = new AbortController();
  await bandwidth.take(1000, 1000, undefined);
  const aborted = bandwidth.take(1_000_000, 1000, controller.signal);
  controller.abort(new Error("changed my mind"));
  await assertRejects(() => aborted, Error, "changed my mind");
  let isPassed = false;
  bandwidth.take(1, 1000, undefined).then(() => isPassed = true);
  await time.pass(1000);
  assertEquals(isPassed, true);
});
