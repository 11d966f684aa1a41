/** Markers of the lines that a run of the suite prints. */

/** The start of the line with the results. */
export const RESULTS_MARKER = "conformance results: ";

/** The start of a line with the name of the next case. */
export const CASE_MARKER = "conformance case: ";

/** The results in the output of a run; `undefined` if there are none. */
export function resultsIn<Result>(output: string): Result[] | undefined {
  const line = output.split("\n").findLast((line) => line.startsWith(RESULTS_MARKER));
  if (line === undefined) return undefined;
  const text = line.slice(RESULTS_MARKER.length);
  const results: unknown = JSON.parse(text);
  if (!Array.isArray(results)) throw new Error(`The results of the suite must be an array, got ${text.slice(0, 200)}`);
  return results as Result[];
}

/** Describes the last case in the output of a run, for errors. */
export function lastCase(output: string): string {
  const line = output.split("\n").findLast((line) => line.startsWith(CASE_MARKER));
  return line === undefined ? "before the first case" : `in the case "${line.slice(CASE_MARKER.length)}"`;
}
