/** The results of one group of tests. */
export interface Tally {
  /** The name in the table: "unit", "bun × rgw". */
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Failures, and reasons for skipped groups. */
  readonly notes: readonly string[];
}

/** The tally of a group that did not run to its end: one failure. */
export function crashed(name: string, error: unknown): Tally {
  const text = error instanceof Error ? error.message : String(error);
  return { name, passed: 0, failed: 1, skipped: 0, notes: [text] };
}

/** The tally of a skipped group, such as one whose server is not installed. */
export function leftOut(name: string, reason: string): Tally {
  return { name, passed: 0, failed: 0, skipped: 1, notes: [`skipped: ${reason}`] };
}

/** The last line, with counts only, so that programs can parse it. */
export function closingLine(tallies: readonly Tally[]): string {
  const { passed, failed, skipped } = total(tallies);
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** The table of counts: a line for each group, with its notes below. */
export function table(tallies: readonly Tally[]): string {
  const width = Math.max(...tallies.map((tally) => tally.name.length));
  const lines = tallies.flatMap((tally) => [
    `${tally.failed > 0 ? "✗" : tally.passed > 0 ? "✓" : "-"} ${tally.name.padEnd(width)}  ${closingLine([tally])}`,
    ...tally.notes.map((note) => note.replaceAll(/^/gm, "    ")),
  ]);
  return lines.join("\n");
}

/** Whether a run succeeded; one without a passed test did not. */
export function succeeded(tallies: readonly Tally[]): boolean {
  const { passed, failed } = total(tallies);
  return failed === 0 && passed > 0;
}

function total(tallies: readonly Tally[]): { passed: number; failed: number; skipped: number } {
  const sum = (key: "passed" | "failed" | "skipped"): number => tallies.reduce((sum, tally) => sum + tally[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}
