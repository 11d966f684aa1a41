/**
 * What this project relies on in `@std/assert`, run against whatever that name resolves to: the published package, a checkout
 * of the standard library, or the stand-in beside this file.
 */
import * as assertions from "@std/assert";
import { same } from "./same.ts";

class Point {
  constructor(readonly x: number) {}
}
class Vector {
  constructor(readonly x: number) {}
}

/** Pairs, and whether they are equal. */
const PAIRS: readonly (readonly [string, unknown, unknown, boolean])[] = [
  ["0 and -0", 0, -0, true],
  ["NaN and NaN", NaN, NaN, true],
  ["1 and '1'", 1, "1", false],
  ["null and undefined", null, undefined, false],
  ["an absent key and an undefined one", {}, { a: undefined }, false],
  ["keys in another order", { a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 }, true],
  ["a deep difference", { b: [{ c: 2 }] }, { b: [{ c: 3 }] }, false],
  ["a null prototype and a plain object", Object.create(null), {}, true],
  ["arrays in another order", [1, 2], [2, 1], false],
  ["an array and a longer one", [1], [1, undefined], false],
  ["equal dates", new Date(5), new Date(5), true],
  ["unequal dates", new Date(5), new Date(6), false],
  ["equal URLs", new URL("http://a/"), new URL("http://a"), true],
  ["unequal URLs", new URL("http://a/"), new URL("http://b/"), false],
  ["unequal regular expressions", /a/, /a/g, false],
  ["maps with equal object keys", new Map([[{ k: 1 }, 2]]), new Map([[{ k: 1 }, 2]]), true],
  ["maps with unequal values", new Map([["k", 2]]), new Map([["k", 3]]), false],
  ["sets in another order", new Set([1, 2]), new Set([2, 1]), true],
  ["equal bytes", new Uint8Array([1, 2]), new Uint8Array([1, 2]), true],
  ["unequal bytes", new Uint8Array([1, 2]), new Uint8Array([1, 3]), false],
  ["bytes and an array", new Uint8Array([1]), [1], false],
  ["unequal buffers", new ArrayBuffer(1), new ArrayBuffer(2), false],
  ["instances of one class", new Point(1), new Point(1), true],
  ["unequal instances of one class", new Point(1), new Point(2), false],
  ["instances of two classes", new Point(1), new Vector(1), false],
  ["symbol keys", { [Symbol.for("s")]: 1 }, { [Symbol.for("s")]: 2 }, false],
];

for (const [name, a, b, equal] of PAIRS) {
  Deno.test(`@std/assert tells whether these are equal: ${name}`, () => {
    same(verdict(() => assertions.assertEquals(a, b)), equal ? "ok" : "AssertionError", "assertEquals");
    same(verdict(() => assertions.assertEquals(b, a)), equal ? "ok" : "AssertionError", "assertEquals, swapped");
    same(verdict(() => assertions.assertNotEquals(a, b)), equal ? "AssertionError" : "ok", "assertNotEquals");
  });
}

Deno.test("@std/assert compares what refers to itself", () => {
  const loop = (end: number): Record<string, unknown> => {
    const value: Record<string, unknown> = { end };
    value.self = value;
    return value;
  };
  same(verdict(() => assertions.assertEquals(loop(1), loop(1))), "ok", "equal loops");
  same(verdict(() => assertions.assertEquals(loop(1), loop(2))), "AssertionError", "unequal loops");
});

function verdict(run: () => void): string {
  try {
    run();
    return "ok";
  } catch (error) {
    return (error as Error).name;
  }
}

function messageOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "(it passed)";
}

Deno.test("@std/assert passes and fails as it should", () => {
  const { assert, assertExists, assertGreater, assertLess, assertMatch, assertStringIncludes } = assertions;
  const { assertInstanceOf, assertStrictEquals } = assertions as {
    assertInstanceOf: (actual: unknown, type: typeof Error) => void;
    assertStrictEquals: (actual: unknown, expected: unknown) => void;
  };
  const table: readonly (readonly [string, () => void, () => void, string])[] = [
    ["assert", () => assert(1), () => assert(0, "zero"), "zero"],
    ["assertExists", () => assertExists(0), () => assertExists(null), "not be null or undefined."],
    ["assertGreater", () => assertGreater(2, 1), () => assertGreater(1, 1), "Expect 1 > 1"],
    ["assertLess", () => assertLess(1, 2), () => assertLess(1, 1), "Expect 1 < 1"],
    ["assertMatch", () => assertMatch("ab", /b$/), () => assertMatch("ab", /^b/), `to match: "/^b/".`],
    [
      "assertStringIncludes",
      () => assertStringIncludes("ab", "b"),
      () => assertStringIncludes("ab", "c"),
      `"ab" to contain: "c".`,
    ],
    [
      "assertInstanceOf",
      () => assertInstanceOf(new TypeError(), Error),
      () => assertInstanceOf({}, Error),
      `Expected object to be an instance of "Error" but was "Object".`,
    ],
    [
      "assertStrictEquals",
      () => assertStrictEquals(NaN, NaN),
      () => assertStrictEquals(0, -0),
      "Values are not strictly equal",
    ],
    ["assertEquals", () => {}, () => assertions.assertEquals(1, 2, "why"), "Values are not equal: why"],
  ];
  for (const [name, passing, failing, text] of table) {
    same(verdict(passing), "ok", name);
    same(verdict(failing), "AssertionError", name);
    same(messageOf(failing).includes(text), true, `${name}: ${messageOf(failing)}`);
  }
});

Deno.test("@std/assert catches what is thrown", () => {
  const boom = (): never => {
    throw new TypeError("a bang");
  };
  const { assertThrows } = assertions;
  same(assertThrows(boom, TypeError, "bang").message, "a bang", "returns the error");
  same(verdict(() => assertThrows(boom, Error)), "ok", "a parent class");
  same(verdict(() => assertThrows(boom, RangeError)), "AssertionError", "another class");
  same(verdict(() => assertThrows(boom, TypeError, "whisper")), "AssertionError", "another message");
  same(verdict(() => assertThrows(() => {})), "AssertionError", "nothing thrown");
});

Deno.test("@std/assert catches what is rejected", async () => {
  const { assertRejects } = assertions;
  const boom = (): Promise<never> => Promise.reject(new TypeError("a bang"));
  const outcome = (run: Promise<unknown>): Promise<string> =>
    run.then(() => "ok", (error: unknown) => (error as Error).name);
  same((await assertRejects(boom, TypeError, "bang")).message, "a bang", "returns the error");
  same(await outcome(assertRejects(boom, RangeError)), "AssertionError", "another class");
  same(await outcome(assertRejects(boom, TypeError, "whisper")), "AssertionError", "another message");
  same(await outcome(assertRejects(() => Promise.resolve())), "AssertionError", "nothing rejected");
  const throwing = (): Promise<never> => {
    throw new TypeError("a bang");
  };
  same(await outcome(assertRejects(throwing, TypeError)), "AssertionError", "thrown, not rejected");
});
