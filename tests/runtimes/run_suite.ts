/** Runs the conformance suite on one runtime, wherever that takes it, and reads its results back. */
import type { CaseResult, runConformance } from "../conformance/suite.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { suiteBundles } from "./bundle.ts";
import { lifetime } from "./ending.ts";
import { bunPath, nodePath, workerdPath } from "./install.ts";
import { RESULTS_MARKER } from "./results_marker.ts";
import { RUN_LIMIT_MILLISECONDS } from "./time_limit.ts";
import { runInWorkerd } from "./workerd.ts";

export type SuiteEnvironment = Parameters<typeof runConformance>[0];

/** The runtimes the suite runs on, in the order they are reported. */
export const RUNTIMES = ["deno", "bun", "node", "workerd"] as const;
export type RuntimeName = typeof RUNTIMES[number];

/**
 * @throws {RuntimeUnavailableError} If the runtime cannot be had on this machine.
 * @throws {Error} If it crashes, hangs, or says something else than results.
 */
export async function runSuite(runtime: RuntimeName, environment: SuiteEnvironment): Promise<CaseResult[]> {
  const text = JSON.stringify(environment);
  switch (runtime) {
    case "deno":
      return await runOnDeno("tests/runtimes/process.ts", text);
    case "bun":
      return await runOnBun((await suiteBundles()).process, text);
    case "node":
      return await runOnNode((await suiteBundles()).process, text);
    case "workerd":
      return parseResults(await runInWorkerd(await workerdPath(), (await suiteBundles()).worker, text));
  }
}

/** Runs an entry of the repository on Deno with one argument; returns the results that it prints behind the marker. */
export async function runOnDeno<Result = CaseResult>(
  entry: string,
  text: string,
  permissions: readonly string[] = ["-A"],
): Promise<Result[]> {
  return await runProcess(Deno.execPath(), [...await withImportMap(["run", ...permissions, entry]), text]);
}

/** Runs a bundle on Bun likewise. */
export async function runOnBun<Result = CaseResult>(bundle: string, text: string): Promise<Result[]> {
  return await runProcess(await bunPath(), ["run", bundle, text]);
}

/** Runs a bundle on Node likewise. */
export async function runOnNode<Result = CaseResult>(bundle: string, text: string): Promise<Result[]> {
  return await runProcess(await nodePath(), [bundle, text]);
}

async function runProcess<Result>(command: string, args: string[]): Promise<Result[]> {
  const { code, signal, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
    signal: lifetime(RUN_LIMIT_MILLISECONDS),
  }).output();
  const output = new TextDecoder().decode(stdout);
  const line = output.split("\n").findLast((line) => line.startsWith(RESULTS_MARKER));
  if (code === 0 && line !== undefined) return parseResults(line.slice(RESULTS_MARKER.length));
  const end = (output + new TextDecoder().decode(stderr)).trim().split("\n").slice(-30).join("\n");
  throw new Error(`it ended with ${signal === null ? `code ${code}` : signal} and without results:\n${end}`);
}

function parseResults<Result = CaseResult>(text: string): Result[] {
  const results: unknown = JSON.parse(text);
  if (!Array.isArray(results)) throw new Error(`the suite's results are not an array: ${text.slice(0, 200)}`);
  return results as Result[];
}
