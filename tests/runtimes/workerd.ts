/** Starts workerd on a bundle. */
import type { CaseResult } from "../conformance/suite.ts";
import { ENDING } from "./ending.ts";
import { lastCase, resultsIn } from "./results_marker.ts";
import { lastLines, Silence, SILENCE_SECONDS } from "./watch.ts";

/** The compatibility date; not later than the pinned version. */
const COMPATIBILITY_DATE = "2026-11-01";

/** Disables the modules of Node, which this compatibility date would enable. */
const WITHOUT_NODE = ["no_nodejs_compat", "no_nodejs_compat_v2"];

/** How a Worker is run. */
export interface WorkerdOptions {
  /** @default {"2026-11-01"} */
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  /** The variables and bindings of its `env`, in the language of workerd's configuration. */
  readonly bindings?: string;
}

/** Allows private addresses, so that servers on loopback can be reached. The first module is the Worker. */
function configuration(modules: readonly string[], options: WorkerdOptions): string {
  const { compatibilityDate = COMPATIBILITY_DATE, compatibilityFlags = [], bindings = "" } = options;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "suite", worker = .suite),
    (name = "internet", network = (allow = ["private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")],
);
const suite :Workerd.Worker = (
  modules = [${modules.map((name) => `(name = "${name}", esModule = embed "${name}")`).join(", ")}],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
  bindings = [${bindings}],
);
`;
}

/**
 * Runs the suite in a new workerd and returns its results.
 *
 * @param options By default, the modules of Node are disabled.
 */
export function runInWorkerd(
  binary: string,
  bundle: string,
  environment: string,
  options: WorkerdOptions = { compatibilityFlags: WITHOUT_NODE },
): Promise<CaseResult[]> {
  return withWorkerd(binary, bundle, (url) => ask(url, environment), options);
}

/**
 * Serves the bundle in a new workerd until `use`, which receives its URL and its process id, resolves.
 *
 * @param bundle The Worker's module; with its chunks, if it was split, the Worker first.
 */
export async function withWorkerd<Result>(
  binary: string,
  bundle: string | readonly string[],
  use: (url: string, pid: number) => Promise<Result>,
  options: WorkerdOptions = {},
): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "storages-workerd-" });
  try {
    const paths = typeof bundle === "string" ? [bundle] : bundle;
    const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1));
    for (const [index, path] of paths.entries()) await Deno.copyFile(path, `${folder}/${names[index]}`);
    await Deno.writeTextFile(`${folder}/config.capnp`, configuration(names, options));
    const child = new Deno.Command(binary, {
      // It chooses a free port, and prints it on standard output.
      args: ["serve", "--control-fd=1", `${folder}/config.capnp`],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: ENDING,
    }).spawn();
    const said = new Response(child.stderr).text();
    const ended = child.status.then(async ({ code }): Promise<never> => {
      throw new Error(`workerd ended with code ${code}: ${(await said).trim()}`);
    });
    try {
      return await Promise.race([
        ended,
        portOf(child.stdout).then((port) => use(`http://127.0.0.1:${port}/`, child.pid)),
      ]);
    } finally {
      try {
        child.kill("SIGKILL");
      } catch { /* it has ended by itself */ }
      await ended.catch(() => {});
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Requests a run; each case in the answer is progress. */
async function ask(url: string, environment: string): Promise<CaseResult[]> {
  const stop = new AbortController();
  let output = "";
  const silence = new Silence(SILENCE_SECONDS, () => {
    stop.abort(new Error(`Stopped after ${SILENCE_SECONDS} s without output, ${lastCase(output)}`));
  });
  try {
    const response = await fetch(url, { method: "POST", body: environment, signal: stop.signal });
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      silence.progress();
      output += text;
    }
  } finally {
    silence.end();
  }
  const results = resultsIn<CaseResult>(output);
  if (results === undefined) throw new Error(`The suite failed in workerd:\n${lastLines(output)}`);
  return results;
}

/** The port that workerd prints. */
function portOf(said: ReadableStream<Uint8Array>): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = "";
    const write = (piece: string): void => {
      text += piece;
      const port = /"event":"listen","socket":"http","port":(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    // Reads to the end, as a process may end if its output is not read.
    said.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ write })).catch(reject);
  });
}
