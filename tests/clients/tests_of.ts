/**
 * Returns a function that defines a test of one runtime.
 *
 * @param reason Why the tests of this runtime are skipped; `undefined` if they run.
 */
export function testsOf(runtime: string, reason: string | undefined): (what: string, fn: () => Promise<void>) => void {
  const skipped = reason === undefined ? "" : ` (skipped: ${reason})`;
  return (what, fn) => Deno.test({ name: `${runtime}: ${what}${skipped}`, ignore: reason !== undefined, fn });
}
