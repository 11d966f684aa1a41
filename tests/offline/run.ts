/**
 * Runs deno where JSR may be out of reach: `deno run -A tests/offline/run.ts test tests/unit` is `deno test tests/unit`,
 * with the imports {@linkcode importMap} decides on. Streams, signals and the exit code are the child's.
 *
 * @module
 */
import { withImportMap } from "./import_map.ts";

const child = new Deno.Command(Deno.execPath(), {
  args: await withImportMap(Deno.args),
  stdin: "inherit",
  stdout: "inherit",
  stderr: "inherit",
}).spawn();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => {
    // A terminal sends SIGINT to the whole group of processes: the child has it already.
    if (signal === "SIGINT" && Deno.stdin.isTerminal()) return;
    try {
      child.kill(signal);
    } catch { /* the child has ended in the meantime */ }
  });
}

const { code } = await child.status;
Deno.exit(code);
