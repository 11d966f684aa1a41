import { assert, assertEquals } from "@std/assert";
import { sleep } from "../../../src/kit/backoff.ts";
import { RepeatedDeadline, setDeadline } from "../../../src/runtime/deadlines.ts";

/** The module as it is where there is no Deno. */
async function elsewhere(): Promise<typeof setDeadline> {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "Deno")!;
  const specifier = new URL("../../../src/runtime/deadlines.ts?elsewhere", import.meta.url).href;
  const module: { setDeadline: typeof setDeadline } = await import(specifier);
  return (seconds, expire) => {
    Reflect.deleteProperty(globalThis, "Deno");
    try {
      return module.setDeadline(seconds, expire);
    } finally {
      Object.defineProperty(globalThis, "Deno", descriptor);
    }
  };
}

for (const [where, set] of [["on Deno", setDeadline], ["elsewhere", await elsewhere()]] as const) {
  Deno.test(`deadlines expire each in its time, the soonest first, ${where}`, async () => {
    const expired: string[] = [];
    await new Promise<void>((resolve) => {
      set(0.3, () => {
        expired.push("last");
        resolve();
      });
      set(0.001, () => expired.push("first"));
      set(0.1, () => expired.push("second"));
    });
    assertEquals(expired, ["first", "second", "last"]);
  });

  Deno.test(`what is called off does not happen, and calling it off again takes nothing else along, ${where}`, async () => {
    const expired: string[] = [];
    const callOff = set(0.001, () => expired.push("called off"));
    callOff();
    await new Promise<void>((resolve) => {
      set(0.01, () => {
        expired.push("kept");
        resolve();
      });
      callOff();
    });
    assertEquals(expired, ["kept"]);
  });

  Deno.test(`a deadline may set the next one as it expires, ${where}`, async () => {
    await new Promise<void>((resolve) => set(0.001, () => set(0.001, resolve)));
  });

  Deno.test(`a deadline that is further away than a timer can be does not expire at once, ${where}`, async () => {
    const expired: string[] = [];
    const callOff = set(1e9, () => expired.push("too early"));
    await new Promise<void>((resolve) => set(0.01, resolve));
    callOff();
    assertEquals(expired, []);
  });
}

Deno.test("a repeated deadline counts only while something is waited for", async () => {
  const expired: string[] = [];
  const deadline = new RepeatedDeadline(0.03, () => expired.push("expired"));
  for (let turn = 0; turn < 3; turn++) {
    deadline.begin();
    deadline.rest();
    await sleep(20);
  }
  await sleep(50); // nobody waits
  assertEquals(expired, []);
  deadline.begin();
  await sleep(60);
  assertEquals(expired, ["expired"]);
  deadline.begin();
  deadline.end();
  await sleep(60);
  assertEquals(expired, ["expired"]);
});

Deno.test("a repeated deadline that rests keeps no process alive", async () => {
  const module = new URL("../../../src/runtime/deadlines.ts", import.meta.url);
  const code = `import { RepeatedDeadline } from ${JSON.stringify(module.href)};
    const deadline = new RepeatedDeadline(3600, () => {});
    deadline.begin();
    deadline.rest();`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", code],
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert(success);
});
