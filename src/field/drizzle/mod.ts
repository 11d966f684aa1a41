/**
 * Stored files as columns of Drizzle tables, and transactions that keep files and rows consistent. Works with every dialect,
 * and does not import Drizzle.
 *
 * {@linkcode withFiles} refuses drivers whose transactions do not await their body (better-sqlite3, `bun:sqlite`, Durable
 * Objects, Expo, sql.js, OP-SQLite) and D1, which has no transactions. docs/records.md has a recipe for these, with `withFiles`
 * of `@storages/s3/field`.
 *
 * @example
 * ```ts
 * import { fileField } from "@storages/s3/field";
 * import { type FileColumn, fileColumn } from "@storages/s3/drizzle";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { customType, integer, pgTable } from "drizzle-orm/pg-core";
 * import { assertEquals } from "@std/assert";
 *
 * const avatar = fileField(new MemoryStorage(), { uploadTo: "avatars" });
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
import { formatValue } from "../../kit/values/format_value.ts";
import { checkField } from "../file_field.ts";
import { checkWithFiles } from "../with_files_options.ts";

/**
 * The types of a column for Drizzle's `customType`: a {@linkcode StoredFile} in TypeScript, its name in the database.
 *
 * @example
 * ```ts
 * import type { FileColumn } from "@storages/s3/drizzle";
 * import { fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const data: FileColumn["data"] = fileField(new MemoryStorage()).file("a.txt");
 * assertEquals(data.name satisfies FileColumn["driverData"] | undefined, "a.txt");
 * ```
 */
export interface FileColumn {
  /** The type in rows. A column without a value is `null`. */
  data: StoredFile;
  /** The type in the database. */
  driverData: string | null;
}

/**
 * The result of {@linkcode fileColumn}, which is the parameter of `customType`.
 *
 * @example
 * ```ts
 * import { fileColumn, type FileColumnType } from "@storages/s3/drizzle";
 * import { fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const type: FileColumnType = fileColumn(fileField(new MemoryStorage()));
 * assertEquals(type.toDriver(type.fromDriver("a.txt")), "a.txt");
 * ```
 */
export interface FileColumnType {
  /** The column's type in SQL: `varchar` with the field's `maxLength`, or `text` without a limit. */
  dataType(): string;
  /** The name; for no file the field's `emptyValue`, by default `null`. */
  toDriver(value: StoredFile): string | null;
  /** The file with that name. */
  fromDriver(value: string | null): StoredFile;
}

/**
 * Defines columns of a field's files, with `customType` of any dialect: `customType<FileColumn>(fileColumn(field))`.
 *
 * Rows have a {@linkcode StoredFile}, or `null` for `NULL`. A StoredFile without a file is written as `NULL`, or as `""` if that
 * is the field's `emptyValue`.
 *
 * @param field The field.
 * @returns The parameter of `customType`. Writing a file of another storage throws a TypeError.
 * @throws {TypeError} If the argument is not a field.
 *
 * @example
 * ```ts
 * import { fileField } from "@storages/s3/field";
 * import { type FileColumn, fileColumn } from "@storages/s3/drizzle";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { customType, sqliteTable } from "drizzle-orm/sqlite-core";
 * import { assertEquals } from "@std/assert";
 *
 * const scan = fileField(new MemoryStorage(), { uploadTo: "scans/%Y", maxLength: 200 });
 * const scanColumn = customType<FileColumn>(fileColumn(scan));
 * const pages = sqliteTable("pages", { scan: scanColumn().notNull() });
 * assertEquals(pages.scan.mapToDriverValue(scan.file("scans/2026/a.pdf")), "scans/2026/a.pdf");
 * ```
 */
export function fileColumn<R>(field: FileField<R>): FileColumnType {
  checkField("define a file column", field);
  return {
    dataType: () => field.maxLength === undefined ? "text" : `varchar(${field.maxLength})`,
    toDriver: (value) => field.file(value).toJSON(),
    fromDriver: (value) => field.file(value),
  };
}

/**
 * The part of a Drizzle database that {@linkcode withFiles} uses.
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
  /** Exists in SQLite databases; in synchronous ones it returns rows instead of a promise. */
  all?(query: string): PromiseLike<unknown>;
  /** Exists in transactions: a nested transaction may still be rolled back after its commit. */
  readonly rollback?: undefined;
}

/**
 * `withFiles` of `@storages/s3/field` for a Drizzle database: new files are deleted if the transaction is rolled back, and
 * old files once it has committed.
 *
 * After the body it runs `select 1` in the transaction: if the body caught the error of a statement, PostgreSQL would
 * respond to COMMIT with ROLLBACK, which drivers report as a success.
 *
 * @param db The database; not a transaction of it.
 * @param work Saves files, then calls `files.transaction`, once.
 * @param options Which errors mean a rollback, and how to handle files that could not be deleted. `verify` replaces
 * `select 1`.
 * @returns The result of `work`.
 * @throws {TypeError} Before anything is done: if the database's transactions do not await their body, if it has none (D1),
 * or if it is itself a transaction. Also if an argument is of the wrong kind, or an option is unknown.
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
 * const avatar = fileField(storage, { uploadTo: "avatars" });
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
  checkWithFiles(work, options);
  return await withFilesIn<Tx, T>((body) => db.transaction(body), work, {
    ...options,
    verify: options.verify ?? verify,
  });
}

/** The key of Drizzle's class names, which minification does not change. */
const ENTITY_KIND = Symbol.for("drizzle:entityKind");

/** Sessions with `resultKind` "async" whose transactions cannot be used. OP-SQLite commits before the body has ended. */
const WITHOUT_TRANSACTIONS = ["SQLiteD1Session", "OPSQLiteSession"];

interface Inspected {
  readonly resultKind?: unknown;
  readonly rollback?: unknown;
  readonly session?: { readonly constructor?: { readonly [ENTITY_KIND]?: string } };
}

/** @throws {TypeError} If its transactions do not await their body, or may be rolled back after their commit. */
function checkDatabase(db: unknown): void {
  const { resultKind, rollback, session } = Object(db) as Inspected;
  if (typeof rollback === "function") {
    throw new TypeError(
      "Cannot use withFiles in a transaction: pass it the database, and call files.transaction inside",
    );
  }
  const kind = session?.constructor?.[ENTITY_KIND] ?? "";
  if (resultKind !== "sync" && !WITHOUT_TRANSACTIONS.includes(kind)) {
    if (typeof (db as Partial<DrizzleDatabase<unknown>> | undefined)?.transaction === "function") return;
    throw new TypeError(`Cannot use withFiles: the first argument must be a Drizzle database, got ${formatValue(db)}`);
  }
  throw new TypeError(
    `Cannot use withFiles on this database: its driver${kind && ` (${kind})`} does not await the body of a ` +
      "transaction. Use withFiles of @storages/s3/field, as described in docs/records.md",
  );
}

/** Runs a statement, which fails in a transaction that PostgreSQL has aborted. */
function verify(tx: unknown): PromiseLike<unknown> {
  const { execute, run } = tx as Partial<Record<"execute" | "run", (query: string) => PromiseLike<unknown>>>;
  const query = execute ?? run; // PostgreSQL, MySQL, SingleStore and Gel have execute, SQLite has run
  if (typeof query === "function") return query.call(tx, "select 1");
  throw new TypeError(
    "Cannot verify the transaction: it has neither execute() nor run(). Pass a verify option to withFiles",
  );
}
