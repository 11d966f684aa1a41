import { assertEquals } from "@std/assert";
import { detectRollback } from "../../../src/field/rolled_back.ts";

Deno.test("detectRollback() is true for errors after which nothing is committed", () => {
  for (
    const error of [
      { code: "23505" },
      { errno: "40001" },
      { sqlState: "42601" },
      { code: "SQLITE_BUSY_SNAPSHOT" },
      { errcode: 787 },
      { errno: 1213 },
      { code: "P2034" },
      { name: "AbortedTransactionError" },
      { message: "D1_ERROR: UNIQUE constraint failed: SQLITE_CONSTRAINT" },
    ]
  ) assertEquals(detectRollback(error), true, JSON.stringify(error));
});

Deno.test("detectRollback() is false where the connection broke, and undefined where the error does not say", () => {
  for (const code of ["08006", "57P01", "40003", "ECONNRESET", "CONNECTION_CLOSED", "PROTOCOL_CONNECTION_LOST"]) {
    assertEquals(detectRollback({ code }), false, code);
  }
  for (const error of [new Error("failed"), { code: "P2028" }, { code: 23505 }, "40001", null, undefined]) {
    assertEquals(detectRollback(error), undefined);
  }
});

Deno.test("detectRollback() takes an error before its causes, at any depth, and ends in a circle", () => {
  const deadlock = { code: "40P01" };
  assertEquals(detectRollback({ code: "ECONNRESET", cause: deadlock }), false);
  assertEquals(detectRollback({ cause: { driverError: { parent: deadlock } } }), true);
  assertEquals(detectRollback({ meta: { driverAdapterError: { cause: { originalCode: "23503" } } } }), true);
  const circle: { cause?: unknown } = {};
  circle.cause = { cause: circle };
  assertEquals(detectRollback(circle), undefined);
});
