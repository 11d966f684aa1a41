/** What the line with the results begins with. */
export const RESULTS_MARKER = "conformance results: ";
