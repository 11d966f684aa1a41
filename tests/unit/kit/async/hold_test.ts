import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { hold, holding } from "../../../../src/kit/async/hold.ts";
import { Holds } from "../../holds.ts";

Deno.test("hold() holds the request until the hold is ended", async () => {
  const holds = new Holds();
  const end = hold(holds.waitUntil);
  assertEquals(await holds.open(), 1);
  end();
  assertEquals(await holds.open(), 0);
});

Deno.test("hold() throws what waitUntil throws", () => {
  assertThrows(
    () =>
      hold(() => {
        throw new TypeError("Illegal invocation");
      }),
    TypeError,
    "Illegal invocation",
  );
});

Deno.test("holding() holds the request until the work has succeeded or failed", async () => {
  const holds = new Holds();
  for (const failure of [undefined, new Error("no space")]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const working = holding(holds.waitUntil, async () => {
      await promise;
      if (failure !== undefined) throw failure;
      return "done";
    });
    assertEquals(await holds.open(), 1);
    resolve();
    if (failure === undefined) assertEquals(await working, "done");
    else await assertRejects(() => working, Error, failure.message);
    assertEquals(await holds.open(), 0);
  }
  assertEquals(holds.count, 2);
});

Deno.test("holding() works without waitUntil, and begins nothing if waitUntil throws", async () => {
  let begun = 0;
  const work = (): Promise<number> => Promise.resolve(++begun);
  assertEquals(await holding(undefined, work), 1);
  const fails = (): never => {
    throw new TypeError("Illegal invocation");
  };
  await assertRejects(() => holding(fails, work), TypeError, "Illegal invocation");
  assertEquals(begun, 1);
});
