// deno-lint-ignore-file no-console -- standard output is how the results get back to the runner
/**
 * Runs the conformance suite in a process: Deno runs this file as it is, Bun and Node run it bundled.
 *
 * The last argument is the suite's environment as JSON. Each case is announced on standard output, and the results go there
 * too, all behind markers, so that nothing else printed there can be taken for them.
 */
import { runConformance } from "../conformance/suite.ts";
import { CASE_MARKER, RESULTS_MARKER } from "./results_marker.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };
const environment = JSON.parse(process.argv.at(-1) ?? "");
const results = await runConformance(environment, (name) => console.log(CASE_MARKER + name));
console.log(RESULTS_MARKER + JSON.stringify(results));
