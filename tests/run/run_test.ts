import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { lastCase, resultsIn } from "../runtimes/results_marker.ts";
import { runProcess } from "../runtimes/run_suite.ts";
import { type Clock, runWatched, Silence } from "../runtimes/watch.ts";
import { count } from "./conformance.ts";
import { type Ending, judge, runTestGroup, TEST_GROUPS } from "./test_group.ts";
import { readJunit } from "./junit.ts";
import { joined, partsOf, testFilesIn } from "./parts.ts";
import { closingLine, crashed, leftOut, succeeded, table, type Tally } from "./tally.ts";
import { TestProgress } from "./test_progress.ts";
import { Workers } from "./workers.ts";

const CASES = `<testsuites><testsuite>
<testcase name="one" time="0"></testcase>
<testcase name="two &lt;a&gt;" time="0"><skipped/></testcase>
<testcase name="three" time="0"><failure message="Uncaught &lt;skipped/&gt;">Error</failure></testcase>
<testcase name="three &gt; step" time="0"><failure message="a > b">Error</failure></testcase>
</testsuite></testsuites>`;

const ENDED: Ending = { end: 0, output: "", leftBehind: [] };

Deno.test("readJunit() counts the cases of a report", () => {
  assertEquals(readJunit(CASES), { passed: 1, failed: 2, skipped: 1, skippedNames: ["two <a>"] });
});

Deno.test("judge() counts a process that fails without a failed test as a failure", () => {
  const report = `<testcase name="one"></testcase>`;
  const tally = judge("unit", report, { ...ENDED, end: 1, output: "does not compile" });
  assertEquals([tally.passed, tally.failed], [1, 1]);
  assertStringIncludes(tally.notes.join("\n"), "does not compile");
  assertEquals(judge("unit", report, ENDED).failed, 0);
  assertEquals(judge("unit", report, { ...ENDED, end: "SIGKILL" }).failed, 1);
});

Deno.test("judge() counts files left in the folder for temporary files as a failure", () => {
  const leftBehind = ["storages-1", "storages-2"];
  const tally = judge("unit", `<testcase name="one"></testcase>`, { ...ENDED, leftBehind });
  assertEquals([tally.passed, tally.failed], [1, 1]);
  assertEquals(tally.notes, ["left in the folder for temporary files: storages-1, storages-2"]);
  assertEquals(judge("unit", CASES, { ...ENDED, end: 1, leftBehind }).failed, 3);
});

Deno.test("a unit test that leaves a timer, a file, a socket or a process behind fails", async () => {
  const leaks = {
    timer: "setTimeout(() => {}, 60_000);",
    file: "await Deno.open(import.meta.filename!);",
    socket: "Deno.listen({ port: 0 });",
    process: 'new Deno.Command(Deno.execPath(), { args: ["eval", "setTimeout(() => {}, 9)"] }).spawn();',
  };
  const folder = await Deno.makeTempDir();
  try {
    const tests = Object.entries(leaks).map(([name, leak]) => `Deno.test("${name}", async () => { ${leak} });\n`);
    await Deno.writeTextFile(`${folder}/leaks_test.ts`, tests.join("") + 'Deno.test("none", () => {});\n');
    const options = TEST_GROUPS.find(({ name }) => name === "unit")!.args.filter((arg) => arg.startsWith("--"));
    const tally = await runTestGroup({ name: "leaks", args: ["--no-config", ...options, `${folder}/leaks_test.ts`] });
    assertEquals([tally.passed, tally.failed], [1, 4], tally.notes.join("\n"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("each group has its own folder for temporary files", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const leaving = `Deno.test("one", async () => { await Deno.makeTempFile({ prefix: "left-" }); });`;
    await Deno.writeTextFile(`${folder}/leaving_test.ts`, leaving);
    const tally = await runTestGroup({ name: "leaving", args: ["--no-config", `${folder}/leaving_test.ts`] });
    assertEquals([tally.passed, tally.failed], [1, 1], tally.notes.join("\n"));
    assertStringIncludes(tally.notes.join("\n"), "left in the folder for temporary files: left-");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A clock that a test advances. */
function heldClock(): { clock: Clock; pass(seconds: number): void } {
  const ticks = new Set<() => void>();
  return {
    clock: (tick) => {
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
    pass: (seconds) => {
      for (; seconds > 0; seconds--) for (const tick of [...ticks]) tick();
    },
  };
}

Deno.test("Silence acts once, after its seconds without progress", () => {
  const { clock, pass } = heldClock();
  let acts = 0;
  const silence = new Silence(10, () => acts++, clock);
  for (let turn = 0; turn < 5; turn++) {
    pass(9);
    silence.progress();
  }
  assertEquals(acts, 0);
  pass(10);
  assertEquals(acts, 1);
  pass(100);
  silence.end();
  silence.progress();
  pass(100);
  assertEquals(acts, 1);
});

Deno.test("TestProgress reports progress if a test begins, ends or prints, but not for Deno's notes of slow tests", () => {
  const progress = new TestProgress();
  assertEquals(progress.describe(), "before the first test ended");
  const steps: [text: string, isProgress: boolean, state: string][] = [
    ["running 2 tests from ./a_test.ts\n", true, "before the first test ended"],
    ["one ...", true, 'while "one" was running'],
    ["'one' has been running for over (1m0s)\n", false, 'while "one" was running'],
    ["'one' has been running for over (2m0s)\n", false, 'while "one" was running'],
    ["------- output -------\nprinted\n", true, 'while "one" was running'],
    ["----- output end -----\none ... ok (3m)\ntwo ...", true, 'while "two" was running'],
    [" FAILED (1ms)\n", true, 'after "two"'],
  ];
  for (const [text, isProgress, state] of steps) {
    assertEquals([progress.read(text), progress.describe()], [isProgress, state], text);
  }
  const parallel = new TestProgress();
  parallel.read("./a_test.ts => one ... ok (1ms)\n");
  assertEquals(parallel.describe(), 'after "one"');
  assertEquals(parallel.read("'two' has been running for over (1m0s)\n"), false);
  assertEquals(parallel.describe(), 'while "two" was running');
  parallel.read("./b_test.ts => two ... ok (1m)\n");
  assertEquals(parallel.describe(), 'after "two"');
});

/** A test that runs until a file exists. */
function waitingTest(name: string, file: string): string {
  const isThere = `Deno.stat(${JSON.stringify(file)}).then(() => true, () => false)`;
  return `Deno.test(${JSON.stringify(name)}, async () => {
    while (!await ${isThere}) await new Promise((resolve) => setTimeout(resolve, 10));
  });\n`;
}

Deno.test("a slow group with progress passes; a hanging one is stopped, and its test reported", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const tests = ["first", "second", "third"].map((name) => waitingTest(name, `${folder}/${name}`));
    await Deno.writeTextFile(`${folder}/waiting_test.ts`, tests.join(""));
    const group = { name: "waiting", args: ["--no-config", `${folder}/waiting_test.ts`] };
    const run = async (hanging?: string): Promise<Tally> => {
      const { clock, pass } = heldClock();
      let output = "";
      const follow = (text: string): boolean => {
        output += text;
        const running = /(\w+) \.\.\.$/.exec(output)?.[1];
        if (running === hanging && running !== undefined) pass(30);
        else if (running !== undefined) {
          pass(29);
          Deno.writeTextFileSync(`${folder}/${running}`, "");
        }
        return true;
      };
      return await runTestGroup(group, { seconds: 30, follow, clock });
    };
    const slow = await run();
    assertEquals([slow.passed, slow.failed], [3, 0], slow.notes.join("\n"));
    await Deno.remove(`${folder}/second`);
    const hanging = await run("second");
    assertEquals([hanging.passed, hanging.failed], [0, 1]);
    assertStringIncludes(hanging.notes.join(), 'ended after 30 s without progress, while "second" was running');
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a hanging run of the suite is stopped, and its case reported", async () => {
  const printed = (code: string): Promise<unknown[]> => {
    const { clock, pass } = heldClock();
    const follow = (text: string): boolean => {
      if (text.includes("second")) pass(30);
      return true;
    };
    return runProcess(Deno.execPath(), ["eval", "--no-config", code], { seconds: 30, follow, clock });
  };
  const first = 'console.log("conformance case: first");';
  const error = await assertRejects(
    () => printed(`${first} console.log("conformance case: second"); setInterval(() => {}, 1000);`),
    Error,
    'ended after 30 s without output, in the case "second"',
  );
  assertStringIncludes(error.message, "conformance case: first");
  assertEquals(await printed(`${first} console.log('conformance results: [1]');`), [1]);
  await assertRejects(() => printed(first), Error, "ended with code 0 and without results");
  await assertRejects(() => printed(`${first} Deno.exit(3);`), Error, "ended with code 3");
});

Deno.test("a process that ignores SIGTERM is killed", async () => {
  const { clock, pass } = heldClock();
  const signals = 'Deno.addSignalListener("SIGTERM", () => console.log("told"));';
  const follow = (text: string): boolean => {
    if (text.includes("begun")) pass(30);
    if (text.includes("told")) pass(10);
    return true;
  };
  const deaf = ["eval", "--no-config", `${signals} console.log("begun"); setInterval(() => {}, 1000);`];
  const { end, hung } = await runWatched(Deno.execPath(), { args: deaf }, { seconds: 30, follow, clock });
  assertEquals([end, hung], ["SIGKILL", true]);
});

Deno.test("resultsIn() and lastCase() find the lines of the suite in other output", () => {
  const output = "x\nconformance case: one\nconformance case: two\ny\nconformance results: [1]\nz\n";
  assertEquals([resultsIn(output), lastCase(output)], [[1], 'in the case "two"']);
  assertEquals([resultsIn("x"), lastCase("x")], [undefined, "before the first case"]);
});

Deno.test("a group without tests counts as a failure", () => {
  assertEquals(judge("unit", "", ENDED).failed, 1);
  assertEquals(judge("unit", `<testcase name="one"><skipped/></testcase>`, ENDED).failed, 1);
  assertEquals(count("bun × rgw", []).failed, 1);
  const skipped = judge("unit", `<testcase name="one"><skipped/></testcase>`, ENDED, true);
  assertEquals([skipped.failed, joined("unit", [skipped, skipped]).failed, joined("unit", []).failed], [0, 1, 1]);
  assertEquals(judge("unit", "", ENDED, true).failed, 1);
});

Deno.test("count() counts results of the suite, with their reasons", () => {
  const result = { target: "rgw", milliseconds: 0 };
  const tally = count("bun × rgw", [
    { ...result, name: "one", ok: true },
    { ...result, name: "two", ok: false, error: "bang" },
    { ...result, name: "three", ok: true, skipped: "no checksums there" },
  ]);
  assertEquals([tally.passed, tally.failed, tally.skipped], [1, 1, 1]);
  assertEquals(tally.notes, ["failed: two: bang", "skipped: three: no checksums there"]);
});

Deno.test("closingLine() has the sums of all groups", () => {
  const passing = { name: "unit", passed: 3, failed: 0, skipped: 0, notes: [] };
  assertEquals(closingLine([passing]), "3 passed, 0 failed");
  assertEquals(closingLine([passing, crashed("house", new Error("bang"))]), "3 passed, 1 failed");
  assertEquals(closingLine([passing, leftOut("rgw", "not installed")]), "3 passed, 0 failed, 1 skipped");
  assertStringIncludes(table([leftOut("rgw", "not installed")]), "skipped: not installed");
});

Deno.test("a run succeeds only if something passed and nothing failed", () => {
  const passing = { name: "unit", passed: 3, failed: 0, skipped: 0, notes: [] };
  assertEquals(succeeded([passing]), true);
  assertEquals(succeeded([passing, crashed("house", "bang")]), false);
  assertEquals(succeeded([leftOut("rgw", "not installed")]), false);
  assertEquals(succeeded([]), false);
});

Deno.test("partsOf() gives each test file of a group to one part, with the options of the group", async () => {
  for (const group of TEST_GROUPS) {
    const paths = group.args.filter((arg) => !arg.startsWith("--"));
    const options = group.args.filter((arg) => arg.startsWith("--"));
    const parts = await partsOf(group);
    if (group.divided !== true) {
      assertEquals(parts, [group]);
      continue;
    }
    const found: string[] = [];
    for (const { name, args } of parts) {
      assertEquals([name, args.slice(0, -1)], [group.name, options]);
      const path = args.at(-1)!;
      found.push(...path.endsWith(".ts") ? [path] : await testFilesIn(path));
    }
    const all = (await Promise.all(paths.map(testFilesIn))).flat();
    assertEquals(found.sort(), all.sort());
    assertEquals(new Set(all).size, all.length);
  }
});

Deno.test("the groups have all test files", async () => {
  const folders = TEST_GROUPS.flatMap(({ args }) => args).filter((arg) => arg.startsWith("tests/"));
  const outside = (await testFilesIn("tests")).filter((path) => !folders.some((each) => path.startsWith(`${each}/`)));
  assertEquals(outside, []);
});

Deno.test("joined() has the sums and the notes of all parts", () => {
  const part: Tally = { name: "unit", passed: 3, failed: 0, skipped: 1, notes: ["skipped: one"] };
  const tally = joined("unit", [part, part, crashed("unit", "bang")]);
  assertEquals(tally, {
    name: "unit",
    passed: 6,
    failed: 1,
    skipped: 2,
    notes: ["skipped: one", "skipped: one", "bang"],
  });
});

Deno.test("Workers do the work in its order, as much at the same time as there are workers", async () => {
  const workers = new Workers(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (number: number) => (): Promise<number> => {
    begun.push(number);
    return new Promise((resolve, reject) => ends[number] = number === 0 ? () => reject("bang") : () => resolve(number));
  };
  const all = [0, 1, 2, 3].map((number) => workers.run(work(number)));
  const failure = assertRejects(() => all[0]!.catch((error) => Promise.reject(new Error(error))), Error, "bang");
  await Promise.resolve();
  assertEquals(begun, [0, 1]);
  ends[1]!();
  assertEquals(await all[1], 1);
  assertEquals(begun, [0, 1, 2]);
  ends[0]!(); // work that fails also frees its worker
  await failure;
  assertEquals(begun, [0, 1, 2, 3]);
  ends[2]!();
  ends[3]!();
  assertEquals(await Promise.all(all.slice(2)), [2, 3]);
  assertEquals(await workers.run(() => Promise.resolve(4)), 4);
});
