/** The lines that a run of the suite prints, by which they are known among others. */

/** What the line with the results begins with. */
export const RESULTS_MARKER = "conformance results: ";

/** What the line begins with that tells which case is about to run. */
export const CASE_MARKER = "conformance case: ";

/** The results in what a run has printed; `undefined` if there are none. */
export function resultsIn<Result>(output: string): Result[] | undefined {
  const line = output.split("\n").findLast((line) => line.startsWith(RESULTS_MARKER));
  if (line === undefined) return undefined;
  const text = line.slice(RESULTS_MARKER.length);
  const results: unknown = JSON.parse(text);
  if (!Array.isArray(results)) throw new Error(`the suite's results are not an array: ${text.slice(0, 200)}`);
  return results as Result[];
}

/** Where a run was when it printed this last, for errors. */
export function lastCase(output: string): string {
  const line = output.split("\n").findLast((line) => line.startsWith(CASE_MARKER));
  return line === undefined ? "before the first case" : `in the case "${line.slice(CASE_MARKER.length)}"`;
}
