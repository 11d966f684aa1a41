import { assert, assertEquals } from "@std/assert";
import { setBackgroundTimer } from "../../../src/runtime/background_timer.ts";
import { HeldTime } from "../held_time.ts";

Deno.test("setBackgroundTimer() calls the function after the time, unless it is cleared before", async () => {
  using time = new HeldTime();
  const called: string[] = [];
  setBackgroundTimer(1000, () => called.push("kept"));
  setBackgroundTimer(1000, () => called.push("cleared"))();
  await time.pass(999);
  assertEquals(called, []);
  await time.pass(1);
  assertEquals(called, ["kept"]);
});

Deno.test("setBackgroundTimer() does not keep the process alive", async () => {
  const module = new URL("../../../src/runtime/background_timer.ts", import.meta.url);
  const code = `import { setBackgroundTimer } from "${module.href}"; setBackgroundTimer(3_600_000, () => {});`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", code],
    signal: AbortSignal.timeout(300_000),
  }).output();
  assert(success);
});
