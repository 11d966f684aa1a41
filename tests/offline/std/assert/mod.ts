/**
 * Stands in for `@std/assert` where JSR cannot be reached: the assertions this project uses, with the same signatures,
 * the same verdicts and messages that begin alike. Pure JavaScript: the conformance suite takes it along to workerd.
 */
export {
  assert,
  assertEquals,
  assertExists,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
  assertStringIncludes,
} from "./values.ts";
export { assertRejects, assertThrows } from "./throwing.ts";
export { AssertionError } from "./assertion_error.ts";
