/** Runs `deno test` on a part of the repository and counts the results in its report. */
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { lastLines, runWatched, SILENCE_SECONDS, type WatchOptions } from "../runtimes/watch.ts";
import { readJunit } from "./junit.ts";
import { crashed, type Tally } from "./tally.ts";
import { TestProgress } from "./test_progress.ts";

/** A group of tests that `deno test` runs. */
export interface TestGroup {
  readonly name: string;
  readonly args: readonly string[];
  /** Whether each file and each folder in its folders may run in a process of its own. */
  readonly divided?: boolean;
  /** Whether this is a part of a group, all of whose tests may be skipped. */
  readonly isPart?: boolean;
}

/**
 * A test that leaves a timer, a file, a socket or a process behind fails. Not `--sanitize-ops`: a server in the same process
 * continues to check the signatures of aborted requests.
 */
const SANITIZERS = ["--sanitize-resources", "--trace-leaks"];

/** The groups, in their order. */
export const TEST_GROUPS: readonly TestGroup[] = [
  { name: "unit", args: [...SANITIZERS, "tests/unit", "tests/offline", "tests/run"], divided: true },
  { name: "clients", args: ["tests/clients"], divided: true },
  { name: "types", args: ["tests/types"] },
  { name: "browser", args: ["tests/browser"] },
  { name: "examples in docs", args: ["--doc", "mod.ts", "src", "README.md", "docs"] },
  { name: "house", args: ["--parallel", "tests/house"] },
];

/**
 * A group without progress for this number of seconds is stopped. Twice the limit of a child process of a test, so that the
 * test fails first, with more information.
 */
const GROUP_SILENCE_SECONDS = 2 * SILENCE_SECONDS;

/**
 * Runs one group in a new process.
 *
 * @param watch Options of the watch; the defaults are those of {@linkcode runWatched}.
 */
export async function runTestGroup(
  { name, args, isPart = false }: TestGroup,
  watch: WatchOptions = {},
): Promise<Tally> {
  const report = await Deno.makeTempFile({ prefix: "storages-junit-", suffix: ".xml" });
  // A short name: the paths of Chromium's sockets in this folder may have 107 bytes at most.
  const temp = await Deno.makeTempDir({ prefix: "st-" });
  const progress = new TestProgress();
  const seconds = watch.seconds ?? GROUP_SILENCE_SECONDS;
  const follow = (text: string): boolean => {
    watch.follow?.(text);
    return progress.read(text);
  };
  try {
    const command = {
      args: await withImportMap(["test", "--allow-all", "--quiet", `--junit-path=${report}`, ...args]),
      cwd: ROOT,
      env: { NO_COLOR: "1", TMPDIR: temp },
    };
    const { end, stdout, stderr, hung } = await runWatched(Deno.execPath(), command, { ...watch, seconds, follow });
    const output = stdout + stderr;
    if (hung) {
      const reason = `ended after ${seconds} s without progress, ${progress.describe()}`;
      return crashed(name, `${lastLines(output)}\n${reason}`);
    }
    const leftBehind = (await Array.fromAsync(Deno.readDir(temp))).map(({ name }) => name).sort();
    return judge(name, await Deno.readTextFile(report), { end, output, leftBehind }, isPart);
  } catch (error) {
    return crashed(name, error);
  } finally {
    await Deno.remove(report);
    // Servers of a stopped group may still write to it.
    await Deno.remove(temp, { recursive: true }).catch(() => {});
  }
}

/** How a run of tests ended. */
export interface Ending {
  /** The exit code, or the signal. */
  readonly end: number | string;
  readonly output: string;
  /** The entries in the folder for temporary files, which only this run used. */
  readonly leftBehind: readonly string[];
}

/**
 * Compares the report with the exit code: after a compile error or a crash, the report has no failure, or is missing.
 *
 * @param isPart Whether all tests may be skipped, as others of the group ran.
 */
export function judge(name: string, report: string, { end, output, leftBehind }: Ending, isPart = false): Tally {
  const { passed, failed, skipped, skippedNames } = readJunit(report);
  const notes = skippedNames.map((test) => `skipped: ${test}`);
  if (end !== 0) notes.push(output.trim());
  const faults: string[] = [];
  if (end !== 0 && failed === 0) faults.push(`deno test ended with ${end}`);
  else if (passed + failed + (isPart ? skipped : 0) === 0) faults.push("no tests found");
  if (leftBehind.length > 0) faults.push(`left in the folder for temporary files: ${leftBehind.join(", ")}`);
  return { name, passed, failed: failed + faults.length, skipped, notes: [...notes, ...faults] };
}
