import { assertEquals } from "@std/assert";
import { repeatInBackground } from "../../../src/runtime/background_timer.ts";
import { HeldTime } from "../held_time.ts";

Deno.test("repeatInBackground() calls again and again until it is ended", async () => {
  using time = new HeldTime(1000);
  let calls = 0;
  const end = repeatInBackground(60, () => void calls++);
  await time.pass(59_999);
  assertEquals(calls, 0);
  await time.pass(1);
  assertEquals(calls, 1);
  await time.pass(120_000);
  assertEquals([calls, time.pending], [3, 1]);
  end();
  await time.pass(120_000);
  assertEquals([calls, time.pending], [3, 0]);
});

Deno.test("repeatInBackground() does not keep a process alive", async () => {
  const module = new URL("../../../src/runtime/background_timer.ts", import.meta.url).href;
  const source = `import { repeatInBackground } from "${module}"; repeatInBackground(3600, () => {});`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", `data:application/javascript,${encodeURIComponent(source)}`],
    stdin: "null",
  }).output();
  assertEquals(success, true);
});
