/**
 * Stored files as columns of Drizzle tables, and transactions in which no file is lost. It works with every dialect, and
 * brings no Drizzle of its own.
 *
 * {@linkcode withFiles} refuses drivers whose transactions do not wait (better-sqlite3, `bun:sqlite`, Durable Objects,
 * Expo, sql.js, OP-SQLite) and D1, which has none: docs/records.md has a recipe for these, with the `withFiles` of
 * `@storages/s3/field`.
 *
 * @example
 * ```ts
 * import { fileField } from "@storages/s3/field";
 * import { type FileColumn, fileColumn } from "@storages/s3/drizzle";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { customType, integer, pgTable } from "drizzle-orm/pg-core";
 * import { assertEquals } from "@std/assert";
 *
 * const avatar = fileField({ storage: new MemoryStorage(), uploadTo: "avatars" });
 * const avatarColumn = customType<FileColumn>(fileColumn(avatar));
 * const users = pgTable("users", { id: integer().primaryKey(), avatar: avatarColumn() });
 * assertEquals(users.avatar.getSQLType(), "varchar(100)");
 * ```
 *
 * @module
 */
import {
  type FileField,
  type FileTransaction,
  type StoredFile,
  withFiles as withFilesIn,
  type WithFilesOptions,
} from "../mod.ts";

/**
 * What `customType` of Drizzle wants to know of a column's types: a {@linkcode StoredFile} in TypeScript, its name in the
 * database.
 *
 * @example
 * ```ts
 * import type { FileColumn } from "@storages/s3/drizzle";
 * import { fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const data: FileColumn["data"] = fileField({ storage: new MemoryStorage() }).file("a.txt");
 * assertEquals(data.name satisfies FileColumn["driverData"] | undefined, "a.txt");
 * ```
 */
export interface FileColumn {
  /** What a row has. A column without a value has `null`. */
  data: StoredFile;
  /** What the database has. */
  driverData: string | null;
}

/**
 * What {@linkcode fileColumn} makes: the parameter of `customType`.
 *
 * @example
 * ```ts
 * import { fileColumn, type FileColumnType } from "@storages/s3/drizzle";
 * import { fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const type: FileColumnType = fileColumn(fileField({ storage: new MemoryStorage() }));
 * assertEquals(type.toDriver(type.fromDriver("a.txt")), "a.txt");
 * ```
 */
export interface FileColumnType {
  /** The column's type in SQL: `varchar` of the field's `maxLength`, else `text`. */
  dataType(): string;
  /** The name; `null` for no file. */
  toDriver(value: StoredFile): string | null;
  /** The file of that name. */
  fromDriver(value: string | null): StoredFile;
}

/**
 * Makes columns of a field's files, by `customType` of any dialect: `customType<FileColumn>(fileColumn(field))`.
 *
 * Rows have a {@linkcode StoredFile}, or `null` where the column has none. An empty one is written as `NULL`.
 *
 * @param field The field.
 * @returns The parameter of `customType`. Writing a file of another storage is a TypeError.
 *
 * @example
 * ```ts
 * import { fileField } from "@storages/s3/field";
 * import { type FileColumn, fileColumn } from "@storages/s3/drizzle";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { customType, sqliteTable } from "drizzle-orm/sqlite-core";
 * import { assertEquals } from "@std/assert";
 *
 * const scan = fileField({ storage: new MemoryStorage(), uploadTo: "scans/%Y", maxLength: 200 });
 * const scanColumn = customType<FileColumn>(fileColumn(scan));
 * const pages = sqliteTable("pages", { scan: scanColumn().notNull() });
 * assertEquals(pages.scan.mapToDriverValue(scan.file("scans/2026/a.pdf")), "scans/2026/a.pdf");
 * ```
 */
export function fileColumn<R>(field: FileField<R>): FileColumnType {
  return {
    dataType: () => field.maxLength === undefined ? "text" : `varchar(${field.maxLength})`,
    toDriver: (value) => field.file(value).toJSON(),
    fromDriver: (value) => field.file(value),
  };
}

/**
 * A database of Drizzle, as far as {@linkcode withFiles} cares.
 *
 * @example
 * ```ts
 * import { type DrizzleDatabase, withFiles } from "@storages/s3/drizzle";
 * import { assertEquals } from "@std/assert";
 *
 * const statements: string[] = [];
 * const tx = { execute: (sql: string) => Promise.resolve(void statements.push(sql)) };
 * const db: DrizzleDatabase<typeof tx> = { transaction: (body) => body(tx) };
 * await withFiles(db, (files) => files.transaction((tx) => tx.execute("update users set name = 'Ada'")));
 * assertEquals(statements, ["update users set name = 'Ada'", "select 1"]);
 * ```
 */
export interface DrizzleDatabase<Tx> {
  /** Runs a function in a transaction. */
  transaction<T>(body: (tx: Tx) => Promise<T>): Promise<T>;
  /** Databases of SQLite have it; in those that do not wait it returns rows, not a promise. */
  all?(query: string): PromiseLike<unknown>;
  /** Transactions have it: what is committed with one can still be rolled back with the one around it. */
  readonly rollback?: undefined;
}

/**
 * `withFiles` of `@storages/s3/field`, in transactions of a Drizzle database: new files are removed if it rolls
 * back, and old ones once it has committed.
 *
 * After the body it runs `select 1` in the transaction: where the body has swallowed the error of a statement, PostgreSQL
 * would answer COMMIT with ROLLBACK, which drivers take for a success.
 *
 * @param db The database; not a transaction of it.
 * @param work Saves files, then calls `files.transaction`, once.
 * @param options What counts as rolled back, and what to do with files that could not be removed. `verify` replaces
 * `select 1`.
 * @returns What the work returns.
 * @throws {TypeError} Before anything is done, if the database's transactions do not wait for their body, it has none (D1),
 * or it is itself a transaction.
 *
 * @example
 * ```ts
 * import { type FileColumn, fileColumn, withFiles } from "@storages/s3/drizzle";
 * import { fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { eq } from "drizzle-orm";
 * import { customType, integer, sqliteTable } from "drizzle-orm/sqlite-core";
 * import { drizzle } from "drizzle-orm/sqlite-proxy";
 * import { DatabaseSync, type SQLInputValue } from "node:sqlite";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const avatar = fileField({ storage, uploadTo: "avatars" });
 * const avatarColumn = customType<FileColumn>(fileColumn(avatar));
 * const users = sqliteTable("users", { id: integer().primaryKey(), avatar: avatarColumn() });
 *
 * const sqlite = new DatabaseSync(":memory:");
 * sqlite.exec("create table users (id integer primary key, avatar varchar(100))");
 * const db = drizzle((sql, parameters) => {
 *   const rows = sqlite.prepare(sql).all(...parameters as SQLInputValue[]);
 *   return Promise.resolve({ rows: rows.map((row) => Object.values(row)) });
 * });
 * await db.insert(users).values({ id: 7, avatar: await avatar.save("old.png", "…") });
 *
 * await withFiles(db, async (files) => {
 *   const picture = await files.save(avatar, "new.png", "…");
 *   await files.transaction(async (tx) => {
 *     const [user] = await tx.select().from(users).where(eq(users.id, 7)); // on PostgreSQL: .for("update")
 *     await tx.update(users).set({ avatar: picture }).where(eq(users.id, 7));
 *     files.deleteAfterCommit(user?.avatar);
 *   });
 * });
 * assertEquals(await storage.listdir("avatars"), [[], ["new.png"]]);
 * ```
 */
export async function withFiles<Tx, T>(
  db: DrizzleDatabase<Tx>,
  work: (files: FileTransaction<Tx>) => Promise<T>,
  options: WithFilesOptions<Tx> = {},
): Promise<T> {
  checkDatabase(db);
  return await withFilesIn<Tx, T>((body) => db.transaction(body), work, {
    ...options,
    verify: options.verify ?? verify,
  });
}

/** What Drizzle calls the class of an object by, also after minification. */
const ENTITY_KIND = Symbol.for("drizzle:entityKind");

/** Sessions that say they are asynchronous. OP-SQLite's transaction commits before its body has ended. */
const WITHOUT_TRANSACTIONS = ["SQLiteD1Session", "OPSQLiteSession"];

interface Inspected {
  readonly resultKind?: unknown;
  readonly rollback?: unknown;
  readonly session?: { readonly constructor?: { readonly [ENTITY_KIND]?: string } };
}

/** @throws {TypeError} If its transactions cannot be waited for, or what they commit may still be rolled back. */
function checkDatabase(db: unknown): void {
  const { resultKind, rollback, session } = db as Inspected;
  if (typeof rollback === "function") {
    throw new TypeError(
      "Cannot use withFiles in a transaction: give it the database, and use files.transaction inside",
    );
  }
  const kind = session?.constructor?.[ENTITY_KIND] ?? "";
  if (resultKind !== "sync" && !WITHOUT_TRANSACTIONS.includes(kind)) return;
  throw new TypeError(
    `Cannot use withFiles on this database: its driver${kind && ` (${kind})`} does not wait for the body of a ` +
      "transaction. Use withFiles of @storages/s3/field, as docs/records.md shows for such drivers",
  );
}

/** Fails in a transaction that PostgreSQL has aborted. */
function verify(tx: unknown): PromiseLike<unknown> {
  const { execute, run } = tx as Partial<Record<"execute" | "run", (query: string) => PromiseLike<unknown>>>;
  const query = execute ?? run; // of PostgreSQL, MySQL, SingleStore and Gel; of SQLite
  if (typeof query === "function") return query.call(tx, "select 1");
  throw new TypeError(
    "Cannot verify the transaction: it has neither execute() nor run(). Give withFiles a verify option",
  );
}
