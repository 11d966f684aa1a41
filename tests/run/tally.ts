/** What one group of tests came to. */
export interface Tally {
  /** As the table shows it: "unit", "bun × rgw". */
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What a person needs to know beside the counts: failures, and why something was left out. */
  readonly notes: readonly string[];
}

/** A group that could not be run through counts as one failure, whatever it got done before. */
export function crashed(name: string, error: unknown): Tally {
  const text = error instanceof Error ? error.message : String(error);
  return { name, passed: 0, failed: 1, skipped: 0, notes: [text] };
}

/** A group left out for a reason outside the project, such as a server that is not installed. */
export function leftOut(name: string, reason: string): Tally {
  return { name, passed: 0, failed: 0, skipped: 1, notes: [`skipped: ${reason}`] };
}

/** The closing line: counts alone, so that a machine can read it. */
export function closingLine(tallies: readonly Tally[]): string {
  const { passed, failed, skipped } = total(tallies);
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** The table of counts, one group a line, its notes below it. */
export function table(tallies: readonly Tally[]): string {
  const width = Math.max(...tallies.map((tally) => tally.name.length));
  const lines = tallies.flatMap((tally) => [
    `${tally.failed > 0 ? "✗" : tally.passed > 0 ? "✓" : "-"} ${tally.name.padEnd(width)}  ${closingLine([tally])}`,
    ...tally.notes.map((note) => note.replaceAll(/^/gm, "    ")),
  ]);
  return lines.join("\n");
}

/** A run in which nothing passed has failed: there is no such thing as a green run without tests. */
export function succeeded(tallies: readonly Tally[]): boolean {
  const { passed, failed } = total(tallies);
  return failed === 0 && passed > 0;
}

function total(tallies: readonly Tally[]): { passed: number; failed: number; skipped: number } {
  const sum = (key: "passed" | "failed" | "skipped"): number => tallies.reduce((sum, tally) => sum + tally[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}
