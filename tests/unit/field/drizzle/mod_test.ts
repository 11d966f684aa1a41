import { assertEquals, assertRejects } from "@std/assert";
import { fileColumn, withFiles } from "../../../../src/field/drizzle/mod.ts";
import { fileField, type FileTransaction } from "../../../../src/field/mod.ts";
import { MemoryStorage } from "../../../../src/storage/memory/memory_storage.ts";

/** A database with the interface of Drizzle. */
function drizzleDatabase(
  tx: object,
  more: object = {},
): { transaction<T>(body: (tx: object) => Promise<T>): Promise<T> } {
  return { transaction: (body) => body(tx), ...more };
}

const noWork = (files: FileTransaction<object>): Promise<void> => files.transaction(() => Promise.resolve());

Deno.test("withFiles() runs select 1 by execute() or run() of the transaction", async () => {
  for (const method of ["execute", "run"]) {
    const log: string[] = [];
    const tx = { log, [method]: (sql: string) => Promise.resolve(log.push(sql)) };
    await withFiles(drizzleDatabase(tx), noWork);
    assertEquals(log, ["select 1"]);
    await assertRejects(
      () => withFiles(drizzleDatabase({ [method]: () => Promise.reject(new Error("aborted")) }), noWork),
      Error,
      "aborted",
    );
  }
  await assertRejects(
    () => withFiles(drizzleDatabase({}), noWork),
    TypeError,
    "Pass a verify option to withFiles",
  );
  const verified: object[] = [];
  const verify = (tx: object): Promise<void> => Promise.resolve(void verified.push(tx));
  await withFiles(drizzleDatabase({ own: true }), noWork, { verify });
  assertEquals(verified, [{ own: true }]);
});

const entityKind = Symbol.for("drizzle:entityKind");

function session(kind: string): object {
  return Object.create({ constructor: { [entityKind]: kind } });
}

Deno.test("withFiles() refuses drivers that do not await the body, and transactions, before anything is done", async () => {
  const refused: [object, string][] = [
    [
      { resultKind: "sync", session: session("BetterSQLiteSession") },
      "its driver (BetterSQLiteSession) does not await",
    ],
    [{ resultKind: "sync" }, "does not await"],
    [{ resultKind: "async", session: session("SQLiteD1Session") }, "its driver (SQLiteD1Session)"],
    [{ resultKind: "async", session: session("OPSQLiteSession") }, "its driver (OPSQLiteSession)"],
    [{ rollback: () => {} }, "Cannot use withFiles in a transaction"],
  ];
  let calls = 0;
  const work = (): Promise<void> => Promise.resolve(void calls++);
  for (const [more, message] of refused) {
    await assertRejects(() => withFiles(drizzleDatabase({}, more), work), TypeError, message);
  }
  assertEquals(calls, 0);
});

Deno.test("fileColumn() is as wide as the field's maxLength, and writes the name or NULL", () => {
  const storage = new MemoryStorage();
  const column = fileColumn(fileField(storage));
  assertEquals([column.dataType(), fileColumn(fileField(storage, { maxLength: Infinity })).dataType()], [
    "varchar(100)",
    "text",
  ]);
  assertEquals([column.toDriver(column.fromDriver("a.txt")), column.toDriver(column.fromDriver(null))], [
    "a.txt",
    null,
  ]);
});
