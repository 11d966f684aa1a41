/** Starts workerd on a bundle. */
import { ENDING } from "./ending.ts";
import { RUN_LIMIT_MILLISECONDS } from "./time_limit.ts";

/** The date whose behaviour workerd is asked for; not later than the pinned version. */
const COMPATIBILITY_DATE = "2026-11-01";

/** Starting takes a tenth of a second; a slow machine gets this many milliseconds. */
const START_LIMIT_MILLISECONDS = 20_000;

/** Plain edge: dates as late as the one above would bring Node's modules. */
const WITHOUT_NODE = ["no_nodejs_compat", "no_nodejs_compat_v2"];

/** The network service is widened to private addresses, or the servers on loopback would be out of reach. */
function configuration(port: number, compatibilityFlags: readonly string[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "suite", worker = .suite),
    (name = "internet", network = (allow = ["private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "suite")],
);
const suite :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
);
`;
}

/** Runs the suite once in a workerd of its own and returns the body it answers with. */
export function runInWorkerd(binary: string, bundle: string, environment: string): Promise<string> {
  return withWorkerd(binary, bundle, (url) => ask(url, environment), WITHOUT_NODE);
}

/** Serves the bundle in a workerd of its own for as long as `use`, which is given its URL, takes. */
export async function withWorkerd<Result>(
  binary: string,
  bundle: string,
  use: (url: string) => Promise<Result>,
  compatibilityFlags: readonly string[] = [],
): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "storages-workerd-" });
  try {
    const port = freePort();
    await Deno.copyFile(bundle, `${folder}/worker.js`);
    await Deno.writeTextFile(`${folder}/config.capnp`, configuration(port, compatibilityFlags));
    const child = new Deno.Command(binary, {
      args: ["serve", `${folder}/config.capnp`],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: ENDING,
    }).spawn();
    const said = new Response(child.stderr).text();
    const ended = child.status.then(async ({ code }): Promise<never> => {
      throw new Error(`workerd ended with code ${code}: ${(await said).trim()}`);
    });
    try {
      return await Promise.race([ended, untilListening(port).then(() => use(`http://127.0.0.1:${port}/`))]);
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

async function ask(url: string, environment: string): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    body: environment,
    signal: AbortSignal.timeout(RUN_LIMIT_MILLISECONDS),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`the suite failed in workerd: ${body}`);
  return body;
}

async function untilListening(port: number): Promise<void> {
  const end = Date.now() + START_LIMIT_MILLISECONDS;
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error("workerd does not listen", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
