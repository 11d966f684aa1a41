/** SQLite drivers with synchronous transactions: `/drizzle` refuses them, and docs/records.md has recipes for them. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { and, eq } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { BetterSQLiteSession } from "drizzle-orm/better-sqlite3/session";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import { drizzle as drizzleD1 } from "drizzle-orm/d1";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import type { ExpoSQLiteDatabase } from "drizzle-orm/expo-sqlite";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { SQLJsDatabase } from "drizzle-orm/sql-js";
import { BaseSQLiteDatabase, customType, integer, SQLiteSyncDialect, sqliteTable } from "drizzle-orm/sqlite-core";
import type { SqliteRemoteDatabase } from "drizzle-orm/sqlite-proxy";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { type FileColumn, fileColumn, withFiles as withFilesInDrizzle } from "../../src/field/drizzle/mod.ts";
import { fileField, withFiles } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { replace as replaceOnD1 } from "./recipes/d1.ts";

type Work = () => Promise<void>;

/** Checks types only; never called. */
export function refusedByTypes(work: Work, dbs: {
  betterSqlite3: BetterSQLite3Database;
  bunSqlite: BunSQLiteDatabase;
  durable: DrizzleSqliteDODatabase;
  expo: ExpoSQLiteDatabase;
  sqlJs: SQLJsDatabase;
  postgres: NodePgDatabase;
  remote: SqliteRemoteDatabase;
}): void {
  // @ts-expect-error -- its transactions are synchronous
  void withFilesInDrizzle(dbs.betterSqlite3, work);
  // @ts-expect-error -- its transactions are synchronous
  void withFilesInDrizzle(dbs.bunSqlite, work);
  // @ts-expect-error -- its transactions are synchronous
  void withFilesInDrizzle(dbs.durable, work);
  // @ts-expect-error -- its transactions are synchronous
  void withFilesInDrizzle(dbs.expo, work);
  // @ts-expect-error -- its transactions are synchronous
  void withFilesInDrizzle(dbs.sqlJs, work);
  // @ts-expect-error -- a released savepoint may still be rolled back
  void dbs.postgres.transaction((tx) => withFilesInDrizzle(tx, work));
  // @ts-expect-error -- a released savepoint may still be rolled back
  void dbs.remote.transaction((tx) => withFilesInDrizzle(tx, work));
  void withFilesInDrizzle(dbs.postgres, work);
  void withFilesInDrizzle(dbs.remote, work);
}

const PAGE = new URL("../../docs/records.md", import.meta.url);

/** The recipe of the page for synchronous drivers, without its imports. */
async function syncRecipe(): Promise<string> {
  const block = /```ts ignore\n([^`]*await withFiles\(\(body\) => body\(undefined\)[^`]*)```/;
  return block.exec(await Deno.readTextFile(PAGE))![1]!.replace(/^import .*$/m, "");
}

/** Runs a recipe with the variables that it uses. */
async function run(recipe: string, scope: Record<string, unknown>): Promise<void> {
  // deno-lint-ignore no-explicit-any -- not exported
  const AsyncFunction = (async () => {}).constructor as any;
  await new AsyncFunction(...Object.keys(scope), recipe)(...Object.values(scope));
}

interface Stage {
  readonly sqlite: DatabaseSync;
  readonly scope: Record<string, unknown>;
  readonly users: ReturnType<typeof usersTable>["users"];
  row(): unknown;
  stored(): Promise<string[]>;
}

// deno-lint-ignore explicit-function-return-type -- the type of a table is derived from its columns
function usersTable(storage: MemoryStorage) {
  const avatar = fileField(storage, { uploadTo: "avatars" });
  const column = customType<FileColumn>(fileColumn(avatar));
  return { avatar, users: sqliteTable("users", { id: integer().primaryKey(), avatar: column().unique() }) };
}

/** Creates user 7 with `avatars/old.png`. */
async function stage(): Promise<Stage> {
  const storage = new MemoryStorage();
  const { avatar, users } = usersTable(storage);
  const sqlite = new DatabaseSync(":memory:");
  sqlite.exec("create table users (id integer primary key, avatar varchar(100) unique)");
  sqlite.exec("insert into users values (7, 'avatars/old.png'), (8, 'avatars/new.png')");
  sqlite.exec("create table teams (id integer primary key)");
  await storage.save("avatars/old.png", "old");
  return {
    sqlite,
    users,
    scope: { withFiles, and, eq, avatar, users, content: "new" },
    row: () => sqlite.prepare("select avatar from users where id = 7").get()?.avatar,
    stored: () => Array.fromAsync(storage.list("", { recursive: true }), ({ name }) => name),
  };
}

/** node:sqlite with the API of better-sqlite3, whose transactions refuse functions that return a promise. */
function betterSqlite3(sqlite: DatabaseSync): object {
  const prepare = (sql: string): object => {
    const rows = (parameters: SQLInputValue[]): Record<string, unknown>[] => sqlite.prepare(sql).all(...parameters);
    return {
      run: (...parameters: SQLInputValue[]) => sqlite.prepare(sql).run(...parameters),
      all: (...parameters: SQLInputValue[]) => rows(parameters),
      get: (...parameters: SQLInputValue[]) => rows(parameters)[0],
      raw: () => ({
        all: (...parameters: SQLInputValue[]) => rows(parameters).map((row) => Object.values(row)),
        get: (...parameters: SQLInputValue[]) => rows(parameters).map((row) => Object.values(row))[0],
      }),
    };
  };
  const transaction = (body: (...args: unknown[]) => unknown) => {
    const run = (...args: unknown[]): unknown => {
      sqlite.exec("begin");
      try {
        const result = body(...args);
        if (result instanceof Promise) throw new TypeError("Transaction function cannot return a promise");
        sqlite.exec("commit");
        return result;
      } catch (error) {
        if (sqlite.isTransaction) sqlite.exec("rollback");
        throw error;
      }
    };
    return Object.assign(run, { deferred: run });
  };
  return { prepare, transaction };
}

/** The result of drizzle() for better-sqlite3. Its module imports the package, which is not installed. */
function drizzleSync(sqlite: DatabaseSync): BetterSQLite3Database {
  const dialect = new SQLiteSyncDialect();
  const session = new BetterSQLiteSession(betterSqlite3(sqlite) as never, dialect, undefined);
  return new BaseSQLiteDatabase("sync", dialect, session as never, undefined) as never;
}

Deno.test("withFiles of Drizzle refuses better-sqlite3 before the body runs", async () => {
  const { sqlite, row, stored } = await stage();
  const db = drizzleSync(sqlite);
  let calls = 0;
  const work = (): Promise<void> => Promise.resolve(void calls++);
  const { message } = await assertRejects(() => withFilesInDrizzle(db as never, work), TypeError);
  assertStringIncludes(message, "its driver (BetterSQLiteSession) does not await the body of a transaction");
  assertStringIncludes(message, "docs/records.md");
  assertEquals([calls, row(), await stored()], [0, "avatars/old.png", ["avatars/old.png"]]);
});

Deno.test("the function form keeps all files with the synchronous transaction of better-sqlite3", async () => {
  const { sqlite, users, row, scope, stored } = await stage();
  const db = drizzleSync(sqlite);
  const { avatar } = scope as unknown as ReturnType<typeof usersTable>;
  await assertRejects(
    () =>
      withFiles<typeof db, void>((body) => db.transaction((tx) => body(tx as never)) as never, async (files) => {
        const picture = await files.save(avatar, "other.png", "new");
        await files.transaction(async (tx) => {
          await Promise.resolve(); // runs outside the transaction from here
          tx.update(users).set({ avatar: picture }).where(eq(users.id, 7)).run();
          files.deleteAfterCommit(avatar.file("avatars/old.png"));
        });
      }),
    TypeError,
    "cannot return a promise",
  );
  assertEquals([row(), await stored()], ["avatars/other.png", ["avatars/old.png", "avatars/other.png"]]);
});

Deno.test("the recipe for synchronous drivers replaces a file, and deletes the new one if the database refuses", async () => {
  const { sqlite, row, scope, stored } = await stage();
  const db = drizzleSync(sqlite);
  const recipe = await syncRecipe();
  await assertRejects(() => run(recipe, { ...scope, db }), Error); // user 8 has avatars/new.png
  assertEquals([row(), await stored()], ["avatars/old.png", ["avatars/old.png"]]);
  sqlite.exec("delete from users where id = 8");
  await run(recipe, { ...scope, db });
  assertEquals([row(), await stored()], ["avatars/new.png", ["avatars/new.png"]]);
});

Deno.test("the recipe for synchronous drivers deletes the new file if a deferred constraint fails at COMMIT", async () => {
  const { sqlite, row, scope, stored } = await stage();
  sqlite.exec("delete from users where id = 8");
  sqlite.exec("create table members (team integer references teams deferrable initially deferred)");
  sqlite.exec("create trigger joins after update on users begin insert into members values (99); end");
  const db = drizzleSync(sqlite);
  const recipe = await syncRecipe();
  await assertRejects(() => run(recipe, { ...scope, db }), Error, "FOREIGN KEY constraint failed");
  assertEquals([row(), await stored()], ["avatars/old.png", ["avatars/old.png"]]);
});

/** node:sqlite with the API of D1. `lost` drops the response to a batch. */
function d1(sqlite: DatabaseSync, lost: () => boolean): object {
  interface Statement {
    readonly rows: () => Record<string, unknown>[];
  }
  const prepare = (sql: string, parameters: SQLInputValue[] = []): Statement & Record<string, unknown> => {
    const rows = (): Record<string, unknown>[] => {
      if (/^begin/i.test(sql)) throw new Error("D1_ERROR: not authorized: SQLITE_AUTH");
      return sqlite.prepare(sql).all(...parameters);
    };
    const later = <T>(make: () => T) => (): Promise<T> => Promise.resolve().then(make);
    return {
      rows,
      bind: (...values: SQLInputValue[]) => prepare(sql, values),
      all: later(() => ({ results: rows() })),
      run: later(() => ({ results: rows() })),
      raw: later(() => rows().map((row) => Object.values(row))),
    };
  };
  const batch = async (statements: Statement[]): Promise<object[]> => {
    await Promise.resolve();
    sqlite.exec("begin");
    try {
      const results = statements.map(({ rows }) => ({ results: rows() }));
      sqlite.exec("commit");
      if (lost()) throw new TypeError("Network connection lost.");
      return results;
    } catch (error) {
      if (!sqlite.isTransaction) throw error;
      sqlite.exec("rollback");
      throw new Error(`D1_ERROR: ${(error as Error).message}: SQLITE_CONSTRAINT`);
    }
  };
  return { prepare, batch };
}

Deno.test("withFiles of Drizzle refuses D1 before anything is done", async () => {
  const { sqlite, stored } = await stage();
  const db = drizzleD1(d1(sqlite, () => false) as never);
  await assertRejects(() => withFilesInDrizzle(db, () => Promise.resolve()), TypeError, "its driver (SQLiteD1Session)");
  assertEquals(await stored(), ["avatars/old.png"]);
});

Deno.test("the recipe for D1 replaces a file, deletes the new one if D1 refuses, and keeps both if the response is lost", async () => {
  const { sqlite, row, scope, stored } = await stage();
  const { avatar } = scope as unknown as ReturnType<typeof usersTable>;
  let isLost = false;
  const db = drizzleD1(d1(sqlite, () => isLost) as never);
  const replace = (then?: () => void): Promise<void> => replaceOnD1(db, avatar, 7, "new", then);
  await assertRejects(() => replace(), Error, "UNIQUE constraint failed");
  assertEquals([row(), await stored()], ["avatars/old.png", ["avatars/old.png"]]);
  sqlite.exec("delete from users where id = 8");
  isLost = true;
  await assertRejects(() => replace(), TypeError, "Network connection lost");
  assertEquals([row(), await stored()], ["avatars/new.png", ["avatars/new.png", "avatars/old.png"]]);
  isLost = false;
  await replace();
  assertEquals((await stored()).includes(String(row())) && !(await stored()).includes("avatars/new.png"), true);
});

Deno.test("the recipe for D1 deletes the new file if another request has replaced the old one, or there is no row", async () => {
  const { sqlite, row, scope, stored } = await stage();
  const { avatar } = scope as unknown as ReturnType<typeof usersTable>;
  const db = drizzleD1(d1(sqlite, () => false) as never);
  await replaceOnD1(
    db,
    avatar,
    7,
    "new",
    () => sqlite.exec("update users set avatar = 'avatars/other.png' where id = 7"),
  );
  assertEquals([row(), await stored()], ["avatars/other.png", ["avatars/old.png"]]);
  await replaceOnD1(db, avatar, 99, "new");
  assertEquals(await stored(), ["avatars/old.png"]);
});

/** Runs `sync_sqlite_probe.ts` on another runtime with the packages of a folder. */
async function probe(command: string, driver: string, modules: string): Promise<unknown> {
  const script = await bundle("tests/clients/sync_sqlite_probe.ts", "tests/.build/sync_sqlite_probe.js");
  const recipe = await syncRecipe();
  const { stdout, stderr, success } = await new Deno.Command(command, {
    args: [script, driver, modules, recipe],
    signal: lifetime(),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The output of the probe on success. */
const REPLACED = { refused: ["avatars/old.png", "avatars/old.png"], replaced: ["avatars/new.png", "avatars/new.png"] };

/** The path of the executable of Bun; the test is skipped without it. */
const BUN = Deno.env.get("BUN");

Deno.test({
  name: `bun:sqlite${BUN ? "" : " (BUN is not set)"}: the recipe works, and a file as a bare parameter is an error`,
  ignore: BUN === undefined,
  fn: async () => {
    const bare = "Cannot bind a StoredFile as a parameter of SQLite: pass file.toJSON(), its name or null";
    assertEquals(await probe(BUN!, "bun:sqlite", ""), { ...REPLACED, bare });
  },
});

/** A `node_modules` with better-sqlite3, which takes minutes to compile; the test is skipped without it. */
const BETTER_SQLITE3 = Deno.env.get("BETTER_SQLITE3");

Deno.test({
  name:
    `better-sqlite3 on Node${
      BETTER_SQLITE3 ? "" : " (BETTER_SQLITE3, a node_modules with it, is not set)"
    }: the recipe ` +
    "works, and a file as a bare parameter is an error",
  ignore: BETTER_SQLITE3 === undefined,
  fn: async () => {
    const bare = "SQLite3 can only bind numbers, strings, bigints, buffers, and null";
    assertEquals(await probe("node", "better-sqlite3", BETTER_SQLITE3!), { ...REPLACED, bare });
  },
});
