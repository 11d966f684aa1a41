import { assertEquals } from "@std/assert";
import { saysRolledBack } from "../../../src/field/rolled_back.ts";

Deno.test("saysRolledBack() is true for errors after which nothing is committed", () => {
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
  ) assertEquals(saysRolledBack(error), true, JSON.stringify(error));
});

Deno.test("saysRolledBack() is false where the connection broke, and undefined where the error does not say", () => {
  for (const code of ["08006", "57P01", "40003", "ECONNRESET", "CONNECTION_CLOSED", "PROTOCOL_CONNECTION_LOST"]) {
    assertEquals(saysRolledBack({ code }), false, code);
  }
  for (const error of [new Error("failed"), { code: "P2028" }, { code: 23505 }, "40001", null, undefined]) {
    assertEquals(saysRolledBack(error), undefined);
  }
});

Deno.test("saysRolledBack() takes an error before its causes, at any depth, and ends in a circle", () => {
  const deadlock = { code: "40P01" };
  assertEquals(saysRolledBack({ code: "ECONNRESET", cause: deadlock }), false);
  assertEquals(saysRolledBack({ cause: { driverError: { parent: deadlock } } }), true);
  assertEquals(saysRolledBack({ meta: { driverAdapterError: { cause: { originalCode: "23503" } } } }), true);
  const circle: { cause?: unknown } = {};
  circle.cause = { cause: circle };
  assertEquals(saysRolledBack(circle), undefined);
});
