import { AssertionError } from "./assertion_error.ts";
import { suffix } from "./values.ts";

// deno-lint-ignore no-explicit-any -- a class with any constructor, as in @std/assert
type ErrorClass<E> = abstract new (...args: any[]) => E;

/** Asserts that `fn` throws, with an error of that class whose message includes that text. Returns what was thrown. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    if (typeof classOrMsg === "function") {
      if (!(error instanceof Error)) throw new AssertionError(`A non-Error object was thrown${suffix(msg)}`);
      checkError(error, classOrMsg, msgIncludesOrMsg, msg);
    }
    return error;
  }
  throw new AssertionError(
    `Expected function to throw${suffix(typeof classOrMsg === "string" ? classOrMsg : msg)}`,
  );
}

/** Asserts that the promise `fn` returns is rejected. A function that throws before it returns a promise fails too. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): Promise<unknown> {
  const note = suffix(typeof classOrMsg === "string" ? classOrMsg : msg);
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch { /* said below: a throw is not a rejection */ }
  if (promise === null || typeof promise !== "object" || typeof promise.then !== "function") {
    throw new AssertionError(`Function throws when expected to reject${note}`);
  }
  try {
    await promise;
  } catch (error) {
    if (typeof classOrMsg === "function") {
      if (!(error instanceof Error)) throw new AssertionError(`A non-Error object was rejected${note}`);
      checkError(error, classOrMsg, msgIncludesOrMsg, msg);
    }
    return error;
  }
  throw new AssertionError(`Expected function to reject${note}`);
}

function checkError(error: Error, ErrorClass: ErrorClass<Error>, includes?: string, msg?: string): void {
  if (!(error instanceof ErrorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was "${(error as Error).constructor.name}"${
        suffix(msg)
      }`,
      { cause: error },
    );
  }
  if (includes && !error.message.includes(includes)) {
    throw new AssertionError(
      `Expected error message to include ${JSON.stringify(includes)}, but got ${JSON.stringify(error.message)}${
        suffix(msg)
      }`,
      { cause: error },
    );
  }
}
