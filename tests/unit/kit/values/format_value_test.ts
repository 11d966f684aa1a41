import { assertEquals } from "@std/assert";
import { formatValue } from "../../../../src/kit/values/format_value.ts";

for (
  const [value, text] of [
    ["a", '"a"'],
    ["a\nb", '"a\\nb"'],
    [1.5, "1.5"],
    [NaN, "NaN"],
    [10n, "10"],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [{ secret: "x" }, "a value of type object"],
    [["x"], "a value of type object"],
    [() => {}, "a value of type function"],
    [Object.create(null), "a value of type object"],
  ] as const
) {
  Deno.test(`formatValue() shows ${text}`, () => assertEquals(formatValue(value), text));
}
