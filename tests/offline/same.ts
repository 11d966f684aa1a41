/**
 * The only assertion in the tests of the stand-ins: with `===` and nothing else, as an assertion library that is broken
 * must not be judged by itself.
 */
export function same(actual: unknown, expected: unknown, of: string): void {
  if (actual !== expected) throw new Error(`${of}: got ${JSON.stringify(actual)}, want ${JSON.stringify(expected)}`);
}
