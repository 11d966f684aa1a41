// deno-lint-ignore-file no-console -- standard output is how the results get back to the runner
/**
 * Runs the conformance suite in a process: Deno runs this file as it is, Bun and Node run it bundled.
 *
 * The last argument is the suite's environment as JSON; the results go to standard output behind a marker, so that
 * nothing else printed there can be taken for them.
 */
import { runConformance } from "../conformance/suite.ts";
import { RESULTS_MARKER } from "./results_marker.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };
const results = await runConformance(JSON.parse(process.argv.at(-1) ?? ""));
console.log(RESULTS_MARKER + JSON.stringify(results));
