import { assertEquals } from "@std/assert";
import { publishedSources, readSource } from "./source_files.ts";
import { findUnlimitedDelays } from "./timers.ts";

Deno.test("timerDelay() limits each delay that a source computes", async () => {
  for (const path of await publishedSources()) {
    assertEquals(findUnlimitedDelays(await readSource(path)), [], path);
  }
});

Deno.test("findUnlimitedDelays() finds computed delays only", () => {
  const source = `
    setTimeout(resolve);
    setTimeout(() => stop(a, b), 0);
    setTimeout(resolve, GRACE_MILLISECONDS);
    setTimeout(() => {
      stop({ a, b: [1, 2] });
    }, timerDelay(until - performance.now()));
    // setTimeout(resolve, comment);
    setTimeout(run, until - performance.now());
    setInterval(
      () => run(1, 2),
      seconds * 1000,
    );
  `;
  assertEquals(findUnlimitedDelays(source), ["until - performance.now()", "seconds * 1000"]);
});
