/** Runs the conformance suite on one runtime and reads its results. */
import type { CaseResult, runConformance } from "../conformance/suite.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { bundle, suiteBundles } from "./bundle.ts";
import { bunPath, edgeRuntimeFolder, nodePath, workerdPath } from "./install.ts";
import { lastCase, resultsIn } from "./results_marker.ts";
import { lastLines, runWatched, SILENCE_SECONDS, type WatchOptions } from "./watch.ts";
import { runInWorkerd } from "./workerd.ts";

export type SuiteEnvironment = Parameters<typeof runConformance>[0];

/** The runtimes of the suite, in the order of the report. */
export const RUNTIMES = ["deno", "bun", "node", "workerd", "workerd with the edge entry", "edge-runtime"] as const;
export type RuntimeName = typeof RUNTIMES[number];

/**
 * @throws {RuntimeUnavailableError} If the runtime is not available on this machine.
 * @throws {Error} If it crashes, hangs, or prints no results.
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
      return await runInWorkerd(await workerdPath(), (await suiteBundles()).worker, text);
    case "workerd with the edge entry":
      return await runInWorkerd(await workerdPath(), (await suiteBundles()).edgeWorker, text);
    case "edge-runtime":
      return await runOnEdgeRuntime((await suiteBundles()).edge, text);
  }
}

/** Runs an entry of the repository on Deno with one argument; returns the results that it prints. */
export async function runOnDeno<Result = CaseResult>(
  entry: string,
  text: string,
  permissions: readonly string[] = ["-A"],
): Promise<Result[]> {
  return await runProcess(Deno.execPath(), [...await withImportMap(["run", ...permissions, entry]), text]);
}

/** Runs a bundle on Bun. */
export async function runOnBun<Result = CaseResult>(bundle: string, text: string): Promise<Result[]> {
  return await runProcess(await bunPath(), ["run", bundle, text]);
}

/** Runs a bundle on Node. */
export async function runOnNode<Result = CaseResult>(bundle: string, text: string): Promise<Result[]> {
  return await runProcess(await nodePath(), [bundle, text]);
}

/** Runs a bundle, which is a script, in Vercel's edge runtime. */
export async function runOnEdgeRuntime(script: string, text: string, watch?: WatchOptions): Promise<CaseResult[]> {
  const host = await bundle("tests/runtimes/edge_host.ts", "tests/.build/edge_host.js", "deno");
  return await runProcess(await nodePath(), [host, await edgeRuntimeFolder(), script, text], watch);
}

/**
 * Runs a process that prints results.
 *
 * @param watch Options of the watch; the defaults are those of {@linkcode runWatched}.
 */
export async function runProcess<Result>(
  command: string,
  args: string[],
  watch: WatchOptions = {},
): Promise<Result[]> {
  const options = { args, cwd: ROOT, env: { NO_COLOR: "1" } };
  const { end, stdout, stderr, hung } = await runWatched(command, options, watch);
  if (hung) {
    const seconds = watch.seconds ?? SILENCE_SECONDS;
    throw new Error(
      `The suite was ended after ${seconds} s without output, ${lastCase(stdout)}:\n${lastLines(stdout + stderr)}`,
    );
  }
  const results = end === 0 ? resultsIn<Result>(stdout) : undefined;
  if (results !== undefined) return results;
  const how = typeof end === "string" ? end : `code ${end}`;
  throw new Error(`The suite ended with ${how} and without results:\n${lastLines(stdout + stderr)}`);
}
