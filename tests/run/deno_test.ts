/** Runs `deno test` on a part of the repository and counts from the report it writes, not from what it prints. */
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { lifetime } from "../runtimes/ending.ts";
import { readJunit } from "./junit.ts";
import { crashed, type Tally } from "./tally.ts";

/** A group of tests that `deno test` runs. */
export interface TestGroup {
  readonly name: string;
  readonly args: readonly string[];
}

/** A test fails that leaves a timer, an operation, a file or a socket of its own behind. */
const SANITIZERS = ["--sanitize-ops", "--sanitize-resources", "--trace-leaks"];

/** The groups in the order they run. */
export const TEST_GROUPS: readonly TestGroup[] = [
  { name: "unit", args: [...SANITIZERS, "tests/unit", "tests/offline", "tests/run"] },
  { name: "clients", args: ["tests/clients"] },
  { name: "browser", args: ["tests/browser"] },
  { name: "examples in docs", args: ["--doc", "mod.ts", "src", "README.md", "docs"] },
  { name: "house", args: ["--parallel", "tests/house"] },
];

/** Longer than the slowest group by far; only something that hangs takes so long. */
const LIMIT_MILLISECONDS = 600_000;

export async function runTestGroup({ name, args }: TestGroup): Promise<Tally> {
  const report = await Deno.makeTempFile({ prefix: "storages-junit-", suffix: ".xml" });
  try {
    const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: await withImportMap(["test", "--allow-all", "--quiet", `--junit-path=${report}`, ...args]),
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
      signal: lifetime(LIMIT_MILLISECONDS),
    }).output();
    const decoder = new TextDecoder();
    return judge(name, await Deno.readTextFile(report), {
      end: signal ?? code,
      output: decoder.decode(stdout) + decoder.decode(stderr),
    });
  } catch (error) {
    return crashed(name, error);
  } finally {
    await Deno.remove(report);
  }
}

/**
 * Weighs the report against how the process ended: a file that does not compile, or a process that died, leaves a report
 * without any failure in it, or none at all.
 */
export function judge(name: string, report: string, process: { end: number | string; output: string }): Tally {
  const { passed, failed, skipped, skippedNames } = readJunit(report);
  const notes = skippedNames.map((test) => `skipped: ${test}`);
  if (process.end !== 0) notes.push(process.output.trim());
  if (process.end !== 0 && failed === 0) {
    return { name, passed, failed: 1, skipped, notes: [...notes, `deno test ended with ${process.end}`] };
  }
  if (passed + failed === 0) return { name, passed, failed: 1, skipped, notes: [...notes, "no tests found"] };
  return { name, passed, failed, skipped, notes };
}
