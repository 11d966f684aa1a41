/** Starts a PostgreSQL of its own for a test run, where Debian's package is installed. */
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

/** What to install, as the note about a skipped server says it. */
export const POSTGRES_INSTALL_HINT =
  "PostgreSQL is not installed: apt-get install -y --no-install-recommends postgresql";

/**
 * Starts a server with a folder of its own, on a free loopback port. Who runs the tests as root, as whom PostgreSQL does not
 * run, runs it as the user `postgres`, which Debian's package makes.
 *
 * It is stopped by `stop()`, and also when this process is told to end or leaves by `Deno.exit`.
 *
 * @throws {Error} If it is installed and yet does not start.
 */
export async function startPostgres(): Promise<PostgresServer | { skipped: string }> {
  if (!await run("installed", {})) return { skipped: POSTGRES_INSTALL_HINT };
  const [port] = freePorts(1) as [number];
  // Not in TMPDIR, which may be for the eyes of one user alone.
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "storages-postgres-" });
  const env = { PG_DIR: folder, PG_PORT: String(port) };
  const stopSync = (): void => {
    new Deno.Command("bash", { args: [SCRIPT, "stop"], env, stdin: "null", stdout: "null", stderr: "null" })
      .outputSync();
  };
  // ENDING turns the signals that end a process into an exit, and an exit unloads.
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

/** The server keeps the script's output open, so it goes to a file of the script's. */
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
