// deno-lint-ignore-file no-import-prefix -- only tests need the driver
/** A table of users with avatars for each ORM and database, for the tests of the adapters. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { eq, sql } from "drizzle-orm";
import { drizzle as drizzlePostgres } from "drizzle-orm/node-postgres";
import { customType as pgType, integer as pgInteger, pgTable } from "drizzle-orm/pg-core";
import { customType as sqliteType, integer as sqliteInteger, sqliteTable } from "drizzle-orm/sqlite-core";
import { drizzle as drizzleSqlite } from "drizzle-orm/sqlite-proxy";
import {
  Kysely,
  type KyselyPlugin,
  PostgresDialect,
  sql as kyselySql,
  SqliteDialect,
  type SqliteStatement,
} from "kysely";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "npm:pg@^8.23.1";
import { type FileColumn, fileColumn, withFiles as withFilesInDrizzle } from "../../src/field/drizzle/mod.ts";
import type { FileField, FileTransaction, StoredFile, WithFilesOptions } from "../../src/field/mod.ts";
import { FilePlugin, withFiles as withFilesInKysely } from "../../src/field/kysely/mod.ts";

/** The address of a database. */
export type Place = { readonly sqlite: string } | { readonly postgres: pg.PoolConfig };

/** Called before and after each statement; the statement fails with its error. */
export type Watch = (when: "before" | "after", sql: string) => void;

/** The users within a transaction or without one. */
export interface Users {
  /** `undefined` for an unknown user. */
  get(id: number): Promise<StoredFile | null | undefined>;
  insert(id: number, avatar: StoredFile | null): Promise<void>;
  update(id: number, avatar: StoredFile | null): Promise<void>;
  remove(id: number): Promise<void>;
  avatars(): Promise<(StoredFile | null)[]>;
  /** Runs a raw SQL statement of the library, with an optional parameter. */
  run(statement: string, parameter?: unknown): Promise<void>;
}

/** The table. */
export interface UserTable {
  readonly users: Users;
  withFiles<T>(work: (files: FileTransaction<Users>) => Promise<T>, options?: WithFilesOptions): Promise<T>;
  close(): Promise<void>;
}

/** Constraints: avatars are unique, and members must be users when a transaction commits. */
export const CREATE_TABLE = "create table users (id integer primary key, avatar varchar(100) unique); " +
  "create table members (user_id integer references users deferrable initially deferred)";

export const DROP_TABLE = "drop table if exists members; drop table if exists users";

type Open = (place: Place, field: FileField, watch?: Watch) => UserTable;

/** The ORMs. */
export const ORMS: Readonly<Record<string, Open>> = {
  Drizzle: (place, field, watch = () => {}) =>
    "sqlite" in place ? drizzleOnSqlite(place.sqlite, field, watch) : drizzleOnPostgres(place.postgres, field, watch),
  Kysely: kyselyTable,
};

function overUsers<Tx>(files: FileTransaction<Tx>, usersOf: (tx: Tx) => Users): FileTransaction<Users> {
  return {
    save: (...args) => files.save(...args),
    adopt: (...args) => files.adopt(...args),
    deleteAfterCommit: (...args: unknown[]) => files.deleteAfterCommit(...args as [StoredFile]),
    transaction: (body) => files.transaction((tx) => body(usersOf(tx))),
  };
}

export function openSqlite(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("pragma busy_timeout = 120000; pragma synchronous = off");
  return database;
}

function runSqlite(database: DatabaseSync, watch: Watch, sql: string, parameters: readonly unknown[]): unknown[] {
  watch("before", sql);
  const rows = database.prepare(sql).all(...parameters as SQLInputValue[]);
  watch("after", sql);
  return rows;
}

/** A pool of one connection, so that statements run one after the other. */
export function openPostgres(config: pg.PoolConfig, watch: Watch): pg.Pool {
  const pool = new pg.Pool({ ...config, max: 1 });
  pool.on("error", () => {}); // a cut idle connection
  pool.on("connect", (client) => {
    client.on("error", () => {}); // queries also fail with this error
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = (async (...args: unknown[]): Promise<unknown> => {
      const [first] = args as [string | { readonly text: string }];
      const sql = typeof first === "string" ? first : first.text;
      watch("before", sql);
      const result = await query(...args);
      watch("after", sql);
      return result;
    }) as typeof client.query;
  });
  return pool;
}

/** A statement of Drizzle with the parameter `$1`. */
function rawOf(statement: string, parameter: unknown): ReturnType<typeof sql> {
  const [before, after] = statement.split("$1") as [string, string?];
  return after === undefined ? sql.raw(before) : sql`${sql.raw(before)}${parameter}${sql.raw(after)}`;
}

function drizzleOnSqlite(path: string, field: FileField, watch: Watch): UserTable {
  const column = sqliteType<FileColumn>(fileColumn(field));
  const table = sqliteTable("users", { id: sqliteInteger().primaryKey(), avatar: column().unique() });
  const database = openSqlite(path);
  const db = drizzleSqlite((sql, parameters, method) => {
    const rows = runSqlite(database, watch, sql, parameters).map((row) => Object.values(row as object));
    return Promise.resolve({ rows: method === "get" ? rows[0]! : rows });
  });
  const usersOf = (tx: Pick<typeof db, "select" | "insert" | "update" | "delete" | "run">): Users => ({
    run: async (statement, parameter) => void await tx.run(rawOf(statement, parameter)),
    get: async (id) => (await tx.select().from(table).where(eq(table.id, id)))[0]?.avatar,
    insert: async (id, avatar) => void await tx.insert(table).values({ id, avatar }),
    update: async (id, avatar) => void await tx.update(table).set({ avatar }).where(eq(table.id, id)),
    remove: async (id) => void await tx.delete(table).where(eq(table.id, id)),
    avatars: async () => (await tx.select().from(table)).map((user) => user.avatar),
  });
  return {
    users: usersOf(db),
    withFiles: (work, options) => withFilesInDrizzle(db, (files) => work(overUsers(files, usersOf)), options),
    close: () => Promise.resolve(database.close()),
  };
}

function drizzleOnPostgres(config: pg.PoolConfig, field: FileField, watch: Watch): UserTable {
  const column = pgType<FileColumn>(fileColumn(field));
  const table = pgTable("users", { id: pgInteger().primaryKey(), avatar: column().unique() });
  const pool = openPostgres(config, watch);
  const db = drizzlePostgres({ client: pool });
  const usersOf = (tx: Pick<typeof db, "select" | "insert" | "update" | "delete" | "execute">): Users => ({
    run: async (statement, parameter) => void await tx.execute(rawOf(statement, parameter)),
    get: async (id) => (await tx.select().from(table).where(eq(table.id, id)).for("update"))[0]?.avatar,
    insert: async (id, avatar) => void await tx.insert(table).values({ id, avatar }),
    update: async (id, avatar) => void await tx.update(table).set({ avatar }).where(eq(table.id, id)),
    remove: async (id) => void await tx.delete(table).where(eq(table.id, id)),
    avatars: async () => (await tx.select().from(table)).map((user) => user.avatar),
  });
  return {
    users: usersOf(db),
    withFiles: (work, options) => withFilesInDrizzle(db, (files) => work(overUsers(files, usersOf)), options),
    close: () => pool.end(),
  };
}

interface Tables {
  readonly users: { readonly id: number; readonly avatar: StoredFile | null };
}

function kyselyTable(place: Place, field: FileField, watch: Watch = () => {}): UserTable {
  const dialect = "sqlite" in place
    ? new SqliteDialect({ database: kyselySqlite(place.sqlite, watch) })
    : new PostgresDialect({ pool: openPostgres(place.postgres, watch) });
  const plugin: KyselyPlugin = new FilePlugin({ avatar: field });
  const db = new Kysely<Tables>({ dialect, plugins: [plugin] });
  const usersOf = (tx: typeof db): Users => ({
    run: async (statement, parameter) => {
      const [before, after] = statement.split("$1") as [string, string?];
      const raw = after === undefined
        ? kyselySql.raw(before)
        : kyselySql`${kyselySql.raw(before)}${parameter}${kyselySql.raw(after)}`;
      await raw.execute(tx.withoutPlugins());
    },
    get: async (id) => {
      const query = tx.selectFrom("users").selectAll().where("id", "=", id);
      return (await ("sqlite" in place ? query : query.forUpdate()).executeTakeFirst())?.avatar;
    },
    insert: async (id, avatar) => void await tx.insertInto("users").values({ id, avatar }).execute(),
    update: async (id, avatar) => void await tx.updateTable("users").set({ avatar }).where("id", "=", id).execute(),
    remove: async (id) => void await tx.deleteFrom("users").where("id", "=", id).execute(),
    avatars: async () => (await tx.selectFrom("users").select("avatar").execute()).map((user) => user.avatar),
  });
  return {
    users: usersOf(db),
    withFiles: (work, options) => withFilesInKysely(db, (files) => work(overUsers(files, usersOf)), options),
    close: () => db.destroy(),
  };
}

/** node:sqlite with the API of better-sqlite3, which Kysely supports. */
export function kyselySqlite(path: string, watch: Watch): { close(): void; prepare(sql: string): SqliteStatement } {
  const database = openSqlite(path);
  return {
    close: () => database.close(),
    prepare: (sql) => ({
      reader: /^select/i.test(sql),
      all: (parameters) => runSqlite(database, watch, sql, parameters),
      run: (parameters) => {
        runSqlite(database, watch, sql, parameters);
        return { changes: 0, lastInsertRowid: 0 };
      },
      iterate: (parameters) => runSqlite(database, watch, sql, parameters).values(),
    }),
  };
}
