// deno-lint-ignore-file no-console -- it prints what clients report
/** Runs one transfer in a new process of Deno, Node or Bun, with a server in another process. */
import { ROOT } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { bunPath, nodePath } from "../runtimes/install.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { startServerProcess } from "./server_process.ts";
import type { TransferFigures, TransferWish } from "./transfer_ways.ts";

export const RUNTIMES = ["deno", "node", "bun"] as const;
export type RuntimeName = typeof RUNTIMES[number];

const LIMIT_MILLISECONDS = 900_000;

/** The names of runtimes in the arguments; all runtimes by default. */
export function wantedRuntimes(names: readonly string[]): readonly RuntimeName[] {
  if (names.length === 0) return RUNTIMES;
  return names.map((name) => {
    const runtime = RUNTIMES.find((runtime) => runtime === name);
    if (runtime === undefined) throw new TypeError(`There is no runtime "${name}": use ${RUNTIMES.join(", ")}`);
    return runtime;
  });
}

/**
 * The command to run a file. On Deno and Node, the file may call the garbage collector by `gc`.
 *
 * @throws {RuntimeUnavailableError} If the runtime is not available.
 */
export async function commandOf(runtime: RuntimeName): Promise<string[]> {
  if (runtime === "deno") return [Deno.execPath(), "run", "-A", "--no-config", "--v8-flags=--expose-gc"];
  return runtime === "bun" ? [await bunPath(), "run"] : [await nodePath(), "--expose-gc"];
}

/** Prints the lines of a client that begin with a marker, as soon as they are complete. */
export function stepPrinter(runtime: RuntimeName, marker: string): (text: string) => boolean {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    const steps = lines.filter((line) => line.startsWith(marker));
    for (const step of steps) console.log(`${runtime.padEnd(5)} ${step.slice(marker.length)}`);
    return steps.length > 0;
  };
}

/** One bundle for all runtimes, so that none has to transpile or to resolve packages. */
export async function transferBundle(
  entry: "transfer_client" | "transfer_peers_client" | "slow_uplink_client" | "soak_client",
): Promise<string> {
  return await bundle(`tests/bench/${entry}.ts`, `.cache/bench/${entry}.mjs`, "deno");
}

/** @throws {RuntimeUnavailableError} If the runtime is not available. */
export async function transferOn(runtime: RuntimeName, path: string, wish: TransferWish): Promise<TransferFigures> {
  const [command, ...args] = await commandOf(runtime);
  const { stdout, stderr } = await new Deno.Command(command!, {
    args: [...args, path, JSON.stringify(wish)],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
    signal: lifetime(LIMIT_MILLISECONDS),
  }).output();
  const said = new TextDecoder().decode(stdout);
  const line = said.split("\n").find((line) => line.startsWith(RESULTS_MARKER));
  if (line !== undefined) return JSON.parse(line.slice(RESULTS_MARKER.length));
  const why = (said + new TextDecoder().decode(stderr)).trim().split("\n").slice(-20).join("\n");
  throw new Error(`${wish.name} failed on ${runtime}:\n${why}`);
}

/** Starts a server that takes all bytes and keeps none. */
export async function startNullServer(): Promise<AsyncDisposable & { readonly endpointUrl: string }> {
  const { origin, ...server } = await startServerProcess("tests/bench/null_server.ts");
  return { ...server, endpointUrl: origin };
}
