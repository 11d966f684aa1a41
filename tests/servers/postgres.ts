/** Starts a separate PostgreSQL for a test run, if Debian's package is installed. */
import { lifetime } from "../runtimes/ending.ts";
import { freePorts } from "./free_ports.ts";

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  stop(): Promise<void>;
}

const SCRIPT = decodeURIComponent(new URL("./postgres.sh", import.meta.url).pathname);

/** The command to install it, for the note about a skipped server. */
export const POSTGRES_INSTALL_HINT =
  "PostgreSQL is not installed: apt-get install -y --no-install-recommends postgresql";

/**
 * Starts a server with a new folder, on a free loopback port. As root, which PostgreSQL refuses, it runs as the user
 * `postgres` of Debian's package.
 *
 * `stop()` stops it, as do a signal that ends this process and `Deno.exit`.
 *
 * @throws {Error} If it is installed but does not start.
 */
export async function startPostgres(): Promise<PostgresServer | { skipped: string }> {
  if (!await run("installed", {})) return { skipped: POSTGRES_INSTALL_HINT };
  const [port] = freePorts(1) as [number];
  // Not in TMPDIR, which other users may not be allowed to read.
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "storages-postgres-" });
  const env = { PG_DIR: folder, PG_PORT: String(port) };
  const stopSync = (): void => {
    new Deno.Command("bash", { args: [SCRIPT, "stop"], env, stdin: "null", stdout: "null", stderr: "null" })
      .outputSync();
  };
  // ENDING converts signals to an exit, which dispatches `unload`.
  globalThis.addEventListener("unload", stopSync);
  const stop = (): Promise<void> => {
    globalThis.removeEventListener("unload", stopSync);
    stopSync();
    return Promise.resolve();
  };
  if (!await run("start", env)) {
    const log = await Deno.readTextFile(`${folder}/start.log`).catch(String);
    await stop();
    throw new Error(`Cannot start PostgreSQL: ${log.trim()}`);
  }
  return { host: "127.0.0.1", port, user: "tester", database: "postgres", stop };
}

/** The server keeps the output of the script open, so the output goes to a file. */
async function run(command: string, env: Record<string, string>): Promise<boolean> {
  const { success } = await new Deno.Command("bash", {
    args: [SCRIPT, command],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: lifetime(),
  }).output();
  return success;
}
