/**
 * The command line: static files and stored files, on S3 and on disk.
 *
 * ```sh
 * deno run -A jsr:@storages/s3/cli collect ./public --to s3://media/static
 * npx jsr add @storages/s3 && node node_modules/@storages/s3/src/cli/mod.js --help
 * ```
 *
 * As a module it does nothing but to export {@linkcode run}, which does the same in a program.
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
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

export type { CommandIo, Output } from "./io.ts";
export { run };

/** Whether this is the program that was started. Node 20 does not say so itself. */
function isProgram(): boolean {
  if (typeof import.meta.main === "boolean") return import.meta.main;
  try {
    return realpathSync(process.argv[1]!) === fileURLToPath(import.meta.url);
  } catch {
    return false;
  }
}

// Not awaited: a module that waits could not be loaded by `require`.
if (isProgram()) {
  run(process.argv.slice(2)).then((code) => {
    // On Deno a read of standard input that nobody waits for any more would hold up the end.
    process.stderr.once("error", () => {});
    process.stderr.write("", () => process.exit(code));
  });
}
