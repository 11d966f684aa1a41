import { assertEquals, assertStrictEquals } from "@std/assert";
import { innermost } from "../../../../src/kit/async/innermost.ts";

Deno.test("innermost() returns the innermost cause that is an error", () => {
  const inner = new Error("connection reset", { cause: "a text" });
  assertStrictEquals(innermost(new TypeError("fetch failed", { cause: new Error("socket", { cause: inner }) })), inner);
  assertStrictEquals(innermost(inner), inner);
});

Deno.test("innermost() follows a limited number of causes", () => {
  const circle = new Error("circle");
  circle.cause = circle;
  assertStrictEquals(innermost(circle), circle);
});

Deno.test("innermost() removes response bytes from errors of Node's HTTP parser only", () => {
  const details = { data: "secret", rawPacket: "secret" };
  const parserError = Object.assign(new Error("Parse Error"), { code: "HPE_INVALID_CONSTANT", ...details });
  assertEquals(Object.keys(innermost(new Error("failed", { cause: parserError }))), ["code"]);
  const other = Object.assign(new Error("other"), { code: "ECONNRESET", ...details });
  assertEquals(Object.keys(innermost(other)), ["code", "data", "rawPacket"]);
});
