/** Wrong calls, as from JavaScript, each with the error that refuses it. */
import { assert, assertEquals } from "@std/assert";

/** A call, and the beginning of its error as text: `TypeError: Cannot serve: name must be`. */
export type WrongCall = readonly [call: () => unknown, error: string];

/** A value without its type, as callers in JavaScript have it. */
// deno-lint-ignore no-explicit-any -- the calls are wrong for the compiler
export function untyped(value: unknown): any {
  return value;
}

/** Checks that each call throws or rejects with its error. */
export async function assertRefused(calls: readonly WrongCall[]): Promise<void> {
  for (const [call, expected] of calls) {
    const error = await Promise.resolve().then(call).then(() => "accepted", (error) => error);
    assert(`${error}`.startsWith(expected), `${call} should be refused:\n${expected}\n${error}`);
  }
}

/** Compares the names of the exported functions and classes of an entry with those that a table covers. */
export function assertCovers(entry: object, covered: readonly string[]): void {
  const callable = Object.entries(entry).flatMap(([name, value]) => typeof value === "function" ? [name] : []);
  assertEquals(callable.sort(), [...covered].sort());
}

/** `true` if a list has all names of the members of a type, else `false`. */
export type Complete<Interface, Names extends readonly PropertyKey[]> = [keyof Interface] extends [Names[number]] ? true
  : false;
