/** The files of transactions whose outcome is not certain. */
import { assert, assertEquals } from "@std/assert";
import { fileField, type Transaction, withFiles, type WithFilesOptions } from "../../../src/field/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

const LOST = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

/** Replaces `old.txt` by `new.txt` in a transaction, and returns the remaining names and the error. */
async function replaced<Tx = undefined>(
  transaction: Transaction<Tx>,
  { options = {}, body = () => Promise.resolve() }: {
    options?: WithFilesOptions<Tx>;
    body?: (tx: Tx) => Promise<unknown>;
  } = {},
): Promise<{ names: string; error: unknown }> {
  const storage = new MemoryStorage();
  const field = fileField(storage);
  const old = await field.save("old.txt", "old");
  const error = await withFiles(transaction, async (files) => {
    await files.save(field, "new.txt", "new");
    await files.transaction(async (tx) => {
      files.deleteAfterCommit(old);
      await body(tx);
    });
  }, options).then(() => undefined, (error) => error);
  return { names: (await storage.listdir())[1].sort().join(" "), error };
}

const [BOTH, OLD, NEW] = ["new.txt old.txt", "old.txt", "new.txt"];

/** A database that fails to commit. */
function refusing(error: unknown): Transaction<undefined> {
  return async (body) => {
    await body(undefined);
    throw error;
  };
}

/** An error with the properties of a driver. */
function driverError(properties: object, message = "refused"): Error {
  return Object.assign(new Error(message), properties);
}

/** The error of each library after the body has ended, if the transaction was rolled back. */
const ROLLED_BACK: Readonly<Record<string, unknown>> = {
  "pg: serialization failure": driverError({ code: "40001", severity: "ERROR" }),
  "pg: deadlock": driverError({ code: "40P01" }),
  "pg: deferred foreign key": driverError({ code: "23503" }),
  "pg: deferred trigger that raises": driverError({ code: "P0001" }),
  "pg: aborted transaction": driverError({ code: "25P02" }),
  "postgres.js: swallowed error of a statement": driverError({ code: "22012", severity: "ERROR" }),
  "Bun.sql: unique key": driverError({ code: "ERR_POSTGRES_SERVER_ERROR", errno: "23505" }),
  "Drizzle: the driver's error is the cause": new Error("Failed query: commit", {
    cause: driverError({ code: "40001" }),
  }),
  "TypeORM: the driver's error is a property": driverError({ driverError: driverError({ code: "40001" }) }),
  "Sequelize: the driver's error is the parent": driverError({ parent: driverError({ code: "23503" }) }),
  "Prisma: conflict of writes": driverError({ code: "P2034" }),
  "Prisma: unique key": driverError({ code: "P2002" }),
  "Prisma: deferred foreign key of an adapter": driverError({
    cause: { originalCode: "23503", kind: "ForeignKeyConstraintViolation" },
  }),
  "Prisma: raw query of an adapter": driverError({
    code: "P2010",
    meta: { driverAdapterError: driverError({ cause: { originalCode: "40001" } }) },
  }),
  "Prisma: expired": driverError({ code: "P2028" }, "A commit cannot be executed on an expired transaction."),
  "Kysely: COMMIT answered by ROLLBACK": driverError({ name: "AbortedTransactionError" }),
  "better-sqlite3, libsql: deferred foreign key": driverError({ code: "SQLITE_CONSTRAINT_FOREIGNKEY" }),
  "better-sqlite3: another connection reads": driverError({ code: "SQLITE_BUSY" }),
  "node:sqlite: deferred foreign key": driverError({ code: "ERR_SQLITE_ERROR", errcode: 787 }),
  "node:sqlite: another connection reads": driverError({ code: "ERR_SQLITE_ERROR", errcode: 5 }),
  "mysql2: deadlock": driverError({ code: "ER_LOCK_DEADLOCK", errno: 1213, sqlState: "40001" }),
  "mysql2: wait for a lock": driverError({ code: "ER_LOCK_WAIT_TIMEOUT", errno: 1205, sqlState: "HY000" }),
  "mysql2: unique key": driverError({ code: "ER_DUP_ENTRY", errno: 1062, sqlState: "23000" }),
  "D1: no such table": new Error("D1_ERROR: no such table: users at offset 7: SQLITE_ERROR"),
  "D1: unique key": new Error("D1_ERROR: UNIQUE constraint failed: users.avatar: SQLITE_CONSTRAINT"),
};

for (const [what, error] of Object.entries(ROLLED_BACK)) {
  Deno.test(`withFiles() removes the new file if the transaction was rolled back after its body (${what})`, async () => {
    assertEquals(await replaced(refusing(error)), { names: OLD, error });
  });
}

/** Errors that do not show the outcome. */
const UNKNOWN: Readonly<Record<string, unknown>> = {
  "connection reset": LOST,
  "pg: connection terminated": new Error("Connection terminated unexpectedly"),
  "pg: connection failure": driverError({ code: "08006" }),
  "pg: resolution unknown": driverError({ code: "08007" }),
  "pg: statement completion unknown": driverError({ code: "40003" }),
  "pg: the server shuts down": driverError({ code: "57P01" }),
  "postgres.js: connection closed": driverError({ code: "CONNECTION_CLOSED" }),
  "mysql2: connection lost": driverError({ code: "PROTOCOL_CONNECTION_LOST", errno: -104 }),
  "SQLite: the transaction is over": driverError({ code: "ERR_SQLITE_ERROR", errcode: 1 }),
  "SQLite: the disk failed": driverError({ code: "SQLITE_IOERR" }),
  "Prisma: another error of transactions": driverError({ code: "P2028" }, "Unable to start a transaction"),
  "a lost connection whose cause is an earlier deadlock": driverError({
    code: "ECONNRESET",
    cause: driverError({ code: "40P01" }),
  }),
  "an error that is its own cause": ((error: Error) => Object.assign(error, { cause: error }))(new Error("round")),
  "not an error": "gone",
};

for (const [what, error] of Object.entries(UNKNOWN)) {
  Deno.test(`withFiles() keeps all files if the outcome of the transaction is unknown (${what})`, async () => {
    assertEquals(await replaced(refusing(error)), { names: BOTH, error });
  });
}

Deno.test("isRolledBack decides before the error's code", async () => {
  const seen: unknown[] = [];
  const decide = (said: boolean | undefined): WithFilesOptions => ({
    isRolledBack: (error) => (seen.push(error), said),
  });
  const busy = new Error("my database is busy");
  const conflict = driverError({ code: "40001" });
  assertEquals((await replaced(refusing(busy), { options: decide(true) })).names, OLD);
  assertEquals((await replaced(refusing(busy), { options: decide(undefined) })).names, BOTH);
  assertEquals((await replaced(refusing(conflict), { options: decide(undefined) })).names, OLD);
  assertEquals((await replaced(refusing(conflict), { options: decide(false) })).names, BOTH);
  assertEquals(seen, [busy, busy, conflict, conflict]);
});

Deno.test("withFiles() keeps all files if an earlier attempt may have committed, for any error of the last one", async () => {
  const conflict = driverError({ code: "40001" });
  const twice: Transaction<undefined> = async (body) => {
    await body(undefined); // its answer was lost, and the library retries
    return await refusing(conflict)(body);
  };
  assertEquals(await replaced(twice), { names: BOTH, error: conflict });
});

Deno.test("verify runs after the body and before the commit, and its error rolls back", async () => {
  const log: string[] = [];
  const transaction: Transaction<string[]> = async (body) => {
    const result = await body(log).catch((error) => {
      log.push("rollback");
      throw error;
    });
    log.push("commit");
    return result;
  };
  const body = (log: string[]): Promise<unknown> => Promise.resolve(log.push("body"));
  const verify = (log: string[]): Promise<unknown> => Promise.resolve(log.push("verify"));
  assertEquals((await replaced(transaction, { options: { verify }, body })).names, NEW);
  assertEquals(log.splice(0), ["body", "verify", "commit"]);
  const aborted = driverError({ code: "25P02" });
  const options = { verify: () => Promise.reject(aborted) };
  assertEquals(await replaced(transaction, { options, body }), { names: OLD, error: aborted });
  assertEquals(log, ["body", "rollback"]);
});

Deno.test("withFiles() removes the new file if the transaction resolves although its body threw", async () => {
  const swallowing: Transaction<undefined> = async (body) =>
    await body(undefined).catch(() => undefined as Awaited<ReturnType<typeof body>>);
  const body = (): Promise<never> => Promise.reject(new Error("no such user"));
  assertEquals(await replaced(swallowing, { body }), { names: OLD, error: undefined });
});

/** Makes a body end after the transaction. */
function gate(): { open(): void; readonly passed: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, passed: promise };
}

Deno.test("withFiles() keeps all files, and rejects, if the transaction resolves before its body has ended", async () => {
  const { open, passed } = gate();
  const hasty: Transaction<undefined> = <T>(body: (tx: undefined) => Promise<T>): Promise<T> => {
    void body(undefined); // like bun:sqlite, which commits at the first await of the body
    return Promise.resolve(undefined as T);
  };
  const { names, error } = await replaced(hasty, { body: () => passed });
  open();
  assert(error instanceof TypeError && /its driver does not await it/.test(error.message), String(error));
  assertEquals(names, BOTH);
});

Deno.test("withFiles() keeps all files if the transaction rejects while its body still runs", async () => {
  const { open, passed } = gate();
  const closed = driverError({ code: "23505" });
  const racing: Transaction<undefined> = (body) => Promise.race([body(undefined), Promise.reject(closed)]);
  const { names, error } = await replaced(racing, {
    body: () => passed.then(() => Promise.reject(new Error("late"))), // no longer awaited
  });
  open();
  assertEquals([names, error], [BOTH, closed]);
});
