/**
 * The command line: manages static and stored files on S3 and on disk.
 *
 * ```sh
 * deno run -A jsr:@storages/s3/cli collect ./public --to s3://media/static
 * npx jsr add @storages/s3 && node node_modules/@storages/s3/src/cli/mod.js --help
 * ```
 *
 * Imported as a module, it only exports {@linkcode run}, which runs a command from a program.
 *
 * @example
 * ```ts
 * import { run } from "@storages/s3/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const quiet = { write: () => {}, isTerminal: false };
 * assertEquals(await run(["ls", "nowhere://"], { stdout: quiet, stderr: quiet }), 2);
 * ```
 *
 * @module
 */
import { realpathSync } from "node:fs";
import process from "node:process";
import { fromFileUrl } from "@std/path";
import { run } from "./run.ts";

export type { CommandIo, Output } from "./io.ts";
export { run };

/** Whether this module is the main program. Node 20 has no `import.meta.main`. */
function isProgram(): boolean {
  if (typeof import.meta.main === "boolean") return import.meta.main;
  try {
    return realpathSync(process.argv[1]!) === fromFileUrl(import.meta.url);
  } catch {
    return false;
  }
}

// Not awaited: a module with a top-level await could not be loaded by `require`.
if (isProgram()) {
  run(process.argv.slice(2)).then((code) => {
    // On Deno a pending read of standard input would delay the end of the process.
    process.stderr.once("error", () => {});
    process.stderr.write("", () => process.exit(code));
  });
}
