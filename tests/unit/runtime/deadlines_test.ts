import { assert, assertEquals } from "@std/assert";
import { sleep } from "../../../src/kit/async/backoff.ts";
import { RepeatedDeadline, setDeadline } from "../../../src/runtime/deadlines.ts";
import { HeldTime } from "../held_time.ts";

/** The module as on runtimes other than Deno. */
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

/** Blocks the event loop. */
function block(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}

for (const [where, set] of [["on Deno", setDeadline], ["elsewhere", await elsewhere()]] as const) {
  Deno.test(`deadlines expire on time and in order, ${where}`, async () => {
    const expired: string[] = [];
    using time = new HeldTime(0);
    set(0.3, () => expired.push("last"));
    set(0.001, () => expired.push("first"));
    set(0.1, () => expired.push("second"));
    await time.pass(99);
    assertEquals(expired, ["first"]);
    await time.pass(201);
    assertEquals(expired, ["first", "second", "last"]);
  });

  Deno.test(`a cancelled deadline does not expire, and cancelling it twice affects no other, ${where}`, async () => {
    const expired: string[] = [];
    const cancel = set(0.001, () => expired.push("cancelled"));
    cancel();
    await new Promise<void>((resolve) => {
      set(0.01, () => {
        expired.push("kept");
        resolve();
      });
      cancel();
    });
    assertEquals(expired, ["kept"]);
  });

  Deno.test(`a deadline that expires may set another one, ${where}`, async () => {
    await new Promise<void>((resolve) => set(0.001, () => set(0.001, resolve)));
  });

  Deno.test(`a deadline does not expire if another one cancels it at the same time, ${where}`, async () => {
    const expired: string[] = [];
    set(0.001, () => {
      expired.push("first");
      cancel();
    });
    const cancel = set(0.001, () => expired.push("cancelled"));
    const last = new Promise<void>((resolve) => set(0.002, resolve));
    block(10);
    await last;
    assertEquals(expired, ["first"]);
  });

  Deno.test(`no timer is set for a negative time, however late it is, ${where}`, async () => {
    const { setTimeout } = globalThis;
    const times: number[] = [];
    globalThis.setTimeout = ((run: () => void, milliseconds: number) => {
      times.push(milliseconds);
      return setTimeout(run, milliseconds);
    }) as typeof setTimeout;
    try {
      const kept: Promise<void>[] = [];
      const keep = (seconds: number): void => void kept.push(new Promise((resolve) => set(seconds, resolve)));
      await new Promise<void>((resolve) => {
        set(0.001, () => {
          keep(0.01);
          block(20);
          resolve();
        });
        keep(0.015);
        keep(0);
        keep(-1);
      });
      await Promise.all(kept);
    } finally {
      globalThis.setTimeout = setTimeout;
    }
    assertEquals(times.filter((milliseconds) => !(milliseconds >= 0)), []);
    assert(times.length > 0);
  });

  Deno.test(`a deadline beyond the limit of timers does not expire immediately, ${where}`, async () => {
    const expired: string[] = [];
    const cancel = set(1e9, () => expired.push("too early"));
    await new Promise<void>((resolve) => set(0.01, resolve));
    cancel();
    assertEquals(expired, []);
  });
}

/** Ends of the last pending deadline, after which the next turn of the event loop clears the shared timer. */
const LAST_ENDS: Readonly<Record<string, (time: HeldTime) => Promise<void> | void>> = {
  "it is cancelled immediately": () => setDeadline(60, () => {})(),
  "it is cancelled later": async (time) => {
    const cancel = setDeadline(60, () => {});
    await time.pass(1000);
    cancel();
  },
  "it expires": async (time) => {
    setDeadline(1, () => {});
    await time.pass(1000);
  },
  "it is set and cancelled as another one expires": async (time) => {
    setDeadline(1, () => setDeadline(60, () => {})());
    await time.pass(1000);
  },
  "another one is set and cancelled before that turn": () => {
    setDeadline(60, () => {})();
    setDeadline(30, () => {})();
  },
  "a sooner one is cancelled first": () => {
    const later = setDeadline(60, () => {});
    setDeadline(30, () => {})();
    later();
  },
};

for (const [end, run] of Object.entries(LAST_ENDS)) {
  Deno.test(`one turn after the last deadline has ended, no timer is left: ${end}`, async () => {
    await new Promise((resolve) => setImmediate(resolve)); // the timer of an earlier test
    using time = new HeldTime(0);
    await run(time);
    await new Promise((resolve) => setImmediate(resolve));
    assertEquals(time.pending, 0);
  });
}

Deno.test("a cancelled deadline leaves its timer to the next one of the same turn", () => {
  using time = new HeldTime(0);
  setDeadline(60, () => {})();
  const cancel = setDeadline(60, () => {});
  assertEquals(time.pending, 1);
  cancel();
});

Deno.test("RepeatedDeadline leaves no timer once its last wait has ended or expired", async () => {
  using time = new HeldTime(0);
  const ended = new RepeatedDeadline(60, () => {});
  ended.begin();
  ended.rest();
  ended.begin();
  ended.end();
  const expired = new RepeatedDeadline(1, () => {});
  expired.begin();
  await time.pass(1000);
  assertEquals(time.pending, 0);
});

Deno.test("RepeatedDeadline expires only during a wait", async () => {
  let expirations = 0;
  let onExpiry = (): void => {};
  const deadline = new RepeatedDeadline(0.03, () => {
    expirations++;
    onExpiry();
  });
  for (let turn = 0; turn < 3; turn++) {
    deadline.begin();
    deadline.rest();
    await sleep(20);
  }
  await sleep(50); // between two waits
  assertEquals(expirations, 0);
  await new Promise<void>((resolve) => {
    onExpiry = resolve;
    deadline.begin();
  });
  deadline.begin();
  deadline.end();
  await sleep(60);
  assertEquals(expirations, 1);
});

for (
  const [what, code] of [
    ["a cancelled deadline", "setDeadline(3600, () => {})();"],
    ["a repeated deadline that rests", "const one = new RepeatedDeadline(3600, () => {}); one.begin(); one.rest();"],
  ]
) {
  Deno.test(`${what} does not keep the process alive`, async () => {
    const module = new URL("../../../src/runtime/deadlines.ts", import.meta.url);
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-config", `import { RepeatedDeadline, setDeadline } from "${module.href}"; ${code}`],
      signal: AbortSignal.timeout(300_000),
    }).output();
    assert(success);
  });
}

Deno.test("a test without pending requests leaves no timer of a deadline behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const module = new URL("../../../src/runtime/deadlines.ts", import.meta.url);
    await Deno.writeTextFile(
      `${folder}/many_test.ts`,
      `import { setDeadline } from "${module.href}";
      for (let i = 0; i < 300; i++) {
        Deno.test("test " + i, async () => {
          const cancel = setDeadline(3600, () => {});
          if (i % 3 === 1) await Promise.resolve();
          if (i % 3 === 2) await new Promise((resolve) => setTimeout(resolve));
          cancel();
        });
      }`,
    );
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-config", "--no-check", "--quiet", "--sanitize-resources", `${folder}/many_test.ts`],
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(300_000),
    }).output();
    assert(success, new TextDecoder().decode(stdout).slice(-2000));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("deadlines can be cancelled where setImmediate is missing, as on Deno below 2.4", async () => {
  const { setImmediate } = globalThis as unknown as { setImmediate: unknown };
  Reflect.deleteProperty(globalThis, "setImmediate");
  try {
    const cancel = setDeadline(60, () => {});
    cancel();
    await new Promise<void>((resolve) => setDeadline(0.001, resolve));
  } finally {
    Object.assign(globalThis, { setImmediate });
  }
  await new Promise((resolve) => setTimeout(resolve, 5)); // the sanitizer reports a shared timer that is left
});
