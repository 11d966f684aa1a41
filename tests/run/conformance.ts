/** Runs the conformance suite on every runtime against every server: one tally for each pair. */
import type { CaseResult } from "../conformance/suite.ts";
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { runSuite, type RuntimeName, RUNTIMES, type SuiteEnvironment } from "../runtimes/run_suite.ts";
import { startMemoryServer } from "../servers/memory.ts";
import { startRgw } from "../servers/rgw.ts";
import { crashed, leftOut, type Tally } from "./tally.ts";

type Server = Omit<SuiteEnvironment, "servers">;

/** The servers of the suite, and how to start each of them. */
const SERVERS: Readonly<Record<string, () => Promise<(Server & { stop(): Promise<void> }) | { skipped: string }>>> = {
  "memory-storage": () => Promise.resolve({ stop: () => Promise.resolve() }),
  "local-storage": startFolder,
  "prefix-backend": () => Promise.resolve({ stop: () => Promise.resolve() }),
  "logging-backend": () => Promise.resolve({ stop: () => Promise.resolve() }),
  "in-memory-server": () => Promise.resolve({ stop: () => Promise.resolve() }),
  "in-memory-server-http": startMemoryServer,
  "rgw": startRgw,
};

/** Not a server, but a folder for files. */
async function startFolder(): Promise<Server & { stop(): Promise<void> }> {
  const folder = await Deno.makeTempDir({ prefix: "storages-local-" });
  return { folder, stop: () => Deno.remove(folder, { recursive: true }) };
}

/** The runtimes of storages that not every runtime supports. */
const RUNTIMES_OF: Readonly<Record<string, readonly RuntimeName[]>> = {
  "local-storage": RUNTIMES.filter((name) => !/^(workerd|edge)/.test(name)), // these have no disk
};

/** The suite against each server, with all runtimes: what runs it, and yields a tally for each runtime. */
export const CONFORMANCE_RUNS: readonly (() => AsyncGenerator<Tally>)[] = Object.entries(SERVERS)
  .map(([server, start]) => () => runOnServer(server, start));

async function* runOnServer(server: string, start: typeof SERVERS[string]): AsyncGenerator<Tally> {
  let started: Awaited<ReturnType<typeof start>>;
  try {
    started = await start();
  } catch (error) {
    yield crashed(`every runtime × ${server}`, error);
    return;
  }
  if ("skipped" in started) {
    for (const runtime of RUNTIMES_OF[server] ?? RUNTIMES) yield leftOut(`${runtime} × ${server}`, started.skipped);
    return;
  }
  const { stop, ...environment } = started;
  try {
    for (const runtime of RUNTIMES_OF[server] ?? RUNTIMES) yield await runOnRuntime(runtime, server, environment);
  } finally {
    await stop();
  }
}

async function runOnRuntime(runtime: RuntimeName, server: string, environment: Server): Promise<Tally> {
  const name = `${runtime} × ${server}`;
  try {
    return count(name, await runSuite(runtime, { ...environment, servers: [server] }));
  } catch (error) {
    return error instanceof RuntimeUnavailableError ? leftOut(name, error.message) : crashed(name, error);
  }
}

/** Counts the results of the suite; an empty list is a failure. */
export function count(name: string, results: readonly CaseResult[]): Tally {
  if (results.length === 0) return crashed(name, "the suite has no cases for this server");
  const skipped = results.filter((result) => result.skipped !== undefined);
  const failed = results.filter((result) => result.skipped === undefined && result.ok !== true);
  return {
    name,
    passed: results.length - skipped.length - failed.length,
    failed: failed.length,
    skipped: skipped.length,
    notes: [
      ...failed.map((result) => `failed: ${result.name}: ${result.error ?? "it does not say why"}`),
      ...skipped.map((result) => `skipped: ${result.name}: ${result.skipped}`),
    ],
  };
}
