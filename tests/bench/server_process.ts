/** Servers in processes of their own, so that they take no time of the client's process. */
import { ROOT } from "../offline/import_map.ts";
import { lifetime } from "../runtimes/ending.ts";

/** A server that listens on loopback; it is ended when disposed. */
export interface ServerProcess extends AsyncDisposable {
  readonly origin: string;
}

/**
 * Runs a file of this folder that prints `port N`.
 *
 * @throws {Error} If it ends before it listens.
 */
export async function startServerProcess(file: string, ...args: readonly string[]): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", "--no-config", file, ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    signal: lifetime(24 * 3_600_000),
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error("The server ended before it listened");
    said += value;
  }
  return {
    origin: `http://127.0.0.1:${/^port (\d+)/.exec(said)![1]}`,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
