import { assertEquals, assertStringIncludes } from "@std/assert";
import { count } from "./conformance.ts";
import { type Ending, judge, runTestGroup, TEST_GROUPS } from "./deno_test.ts";
import { readJunit } from "./junit.ts";
import { closingLine, crashed, leftOut, succeeded, table } from "./tally.ts";

const CASES = `<testsuites><testsuite>
<testcase name="one" time="0"></testcase>
<testcase name="two &lt;a&gt;" time="0"><skipped/></testcase>
<testcase name="three" time="0"><failure message="Uncaught &lt;skipped/&gt;">Error</failure></testcase>
<testcase name="three &gt; step" time="0"><failure message="a > b">Error</failure></testcase>
</testsuite></testsuites>`;

const ENDED: Ending = { end: 0, output: "", leftBehind: [] };

Deno.test("a report is counted case by case", () => {
  assertEquals(readJunit(CASES), { passed: 1, failed: 2, skipped: 1, skippedNames: ["two <a>"] });
});

Deno.test("a process that fails without a failed test counts as a failure", () => {
  const report = `<testcase name="one"></testcase>`;
  const tally = judge("unit", report, { ...ENDED, end: 1, output: "does not compile" });
  assertEquals([tally.passed, tally.failed], [1, 1]);
  assertStringIncludes(tally.notes.join("\n"), "does not compile");
  assertEquals(judge("unit", report, ENDED).failed, 0);
  assertEquals(judge("unit", report, { ...ENDED, end: "SIGKILL" }).failed, 1);
});

Deno.test("a file left in the folder for temporary files counts as a failure, beside those of the tests", () => {
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

Deno.test("each group has a folder for temporary files of its own", async () => {
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

Deno.test("a group without tests counts as a failure", () => {
  assertEquals(judge("unit", "", ENDED).failed, 1);
  assertEquals(judge("unit", `<testcase name="one"><skipped/></testcase>`, ENDED).failed, 1);
  assertEquals(count("bun × rgw", []).failed, 1);
});

Deno.test("results of the suite are counted, and their reasons told", () => {
  const result = { target: "rgw", milliseconds: 0 };
  const tally = count("bun × rgw", [
    { ...result, name: "one", ok: true },
    { ...result, name: "two", ok: false, error: "bang" },
    { ...result, name: "three", ok: true, skipped: "no checksums there" },
  ]);
  assertEquals([tally.passed, tally.failed, tally.skipped], [1, 1, 1]);
  assertEquals(tally.notes, ["failed: two: bang", "skipped: three: no checksums there"]);
});

Deno.test("the closing line adds everything up", () => {
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
