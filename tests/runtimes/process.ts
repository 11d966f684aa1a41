// deno-lint-ignore-file no-console -- results are passed to the runner on standard output
/**
 * Runs the conformance suite in a process: Deno runs this file directly, Bun and Node run a bundle of it.
 *
 * The last argument is the environment of the suite as JSON. The name of each case and the results are printed on standard
 * output with markers that distinguish them from other output.
 */
import { runConformance } from "../conformance/suite.ts";
import { CASE_MARKER, RESULTS_MARKER } from "./results_marker.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };
const environment = JSON.parse(process.argv.at(-1) ?? "");
const results = await runConformance(environment, (name) => console.log(CASE_MARKER + name));
console.log(RESULTS_MARKER + JSON.stringify(results));
