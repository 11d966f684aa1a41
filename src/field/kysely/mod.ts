/**
 * Stored files as columns of Kysely tables, and transactions that keep files and rows consistent. Does not import Kysely.
 *
 * @example
 * ```ts
 * import { fileField, type StoredFile } from "@storages/s3/field";
 * import { FilePlugin } from "@storages/s3/kysely";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
 * import { assertEquals } from "@std/assert";
 *
 * const avatar = fileField(new MemoryStorage(), { uploadTo: "avatars" });
 * const db = new Kysely<{ users: { id: number; avatar: StoredFile | null } }>({
 *   dialect: {
 *     createAdapter: () => new PostgresAdapter(),
 *     createDriver: () => new DummyDriver(), // in the place of a database
 *     createIntrospector: (db) => new PostgresIntrospector(db),
 *     createQueryCompiler: () => new PostgresQueryCompiler(),
 *   },
 *   plugins: [new FilePlugin({ avatar })],
 * });
 * const query = db.updateTable("users").set({ avatar: avatar.file("avatars/me.png") }).compile();
 * assertEquals(query.parameters, ["avatars/me.png"]);
 * ```
 *
 * @module
 */
import {
  type FileField,
  type FileTransaction,
  type StoredFile,
  type Transaction,
  withFiles as withFilesIn,
  type WithFilesOptions,
} from "../mod.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { isRecord } from "../../kit/values/record.ts";
import { checkField } from "../file_field.ts";
import { isSameObject } from "../same_object.ts";
import { isStoredFile } from "../stored_file.ts";
import { checkWithFiles } from "../with_files_options.ts";
import { buildsJson, ResultFiles } from "./result_files.ts";

/**
 * A plugin for Kysely: names in the database become {@linkcode StoredFile}s in results, and files become names in queries.
 * `NULL` is `null` in rows; a StoredFile without a file is written as `NULL`, or as `""` if that is the `emptyValue` of its
 * field.
 *
 * Results do not show which table a column is from. So fields are found by the names of columns in results, of any table, in
 * camel case or in snake case. Strings become files, and so do the strings of an array column.
 *
 * If the query builds JSON, as `jsonArrayFrom` and `jsonObjectFrom` do, its objects and lists are searched too. On SQLite and
 * SQL Server that JSON is text, so put `ParseJSONResultsPlugin` before this plugin. JSON that is stored in a column is returned
 * unchanged by all other queries.
 *
 * @example
 * ```ts
 * import { fileField, StoredFile } from "@storages/s3/field";
 * import { FilePlugin } from "@storages/s3/kysely";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const plugin = new FilePlugin({ avatar: fileField(new MemoryStorage()) });
 * const row: Record<string, unknown> = { id: 7, avatar: "avatars/me.png" }; // as Kysely has it from the database
 * const { rows } = await plugin.transformResult({ result: { rows: [row] } });
 * assert(rows[0]?.avatar instanceof StoredFile);
 * assertEquals(rows[0].avatar.name, "avatars/me.png");
 * ```
 */
export class FilePlugin {
  readonly #fields: ReadonlyMap<string, FileField>;
  readonly #results: ResultFiles;
  /** The ids of queries that build JSON. */
  readonly #withJson = new WeakSet<object>();

  /**
   * Creates a plugin.
   *
   * @param fields The field of each column, by its name in results.
   * @throws {TypeError} If one of them is not a field.
   */
  // deno-lint-ignore no-explicit-any -- fields of any record
  constructor(fields: Readonly<Record<string, FileField<any>>>) {
    if (!isRecord(fields)) {
      throw new TypeError(`Cannot create a FilePlugin: fields must be an object of fields, got ${formatValue(fields)}`);
    }
    for (const [column, field] of Object.entries(fields)) checkField(`create a FilePlugin for '${column}'`, field);
    this.#fields = new Map(Object.entries(fields));
    this.#results = new ResultFiles(this.#fields);
  }

  /**
   * Called by Kysely: replaces files by their names.
   *
   * @throws {TypeError} If a file is in the storage of none of the fields.
   */
  transformQuery<Node>({ node, queryId }: { readonly node: Node; readonly queryId?: object }): Node {
    if (queryId !== undefined && buildsJson(node)) this.#withJson.add(queryId);
    return withNames(node, (file) => this.#nameOf(file)) as Node;
  }

  /**
   * Called by Kysely: replaces names by files.
   *
   * @throws {TypeError} If JSON with files is still text.
   */
  // deno-lint-ignore require-await -- an error must reject
  async transformResult<Result extends { readonly rows: Record<string, unknown>[] }>(
    { result, queryId }: { readonly result: Result; readonly queryId?: object },
  ): Promise<Result> {
    const hasJson = queryId !== undefined && this.#withJson.has(queryId);
    return { ...result, rows: result.rows.map((row) => this.#results.inRow(row, hasJson)) };
  }

  #nameOf(file: StoredFile): string | null {
    const { storage, name } = file;
    if (name === undefined) return file.toJSON();
    const fields = [...this.#fields.values()];
    if (fields.some((field) => isSameObject({ storage, name }, { storage: field.storage, name }))) return name;
    throw new TypeError(`Cannot refer to '${file}': it is in another storage than the files of the plugin's fields`);
  }
}

const VALUE_NODES = new Set(["ValueNode", "PrimitiveValueListNode"]);

/** The query's tree with files replaced by names. Values that the user passed are not searched, except for files. */
function withNames(node: unknown, nameOf: (file: StoredFile) => string | null, inValue = false): unknown {
  if (isStoredFile(node)) return nameOf(node);
  if (Array.isArray(node)) return node.map((child) => withNames(child, nameOf, inValue));
  const kind = (node as { readonly kind?: unknown } | null)?.kind;
  if (inValue || typeof kind !== "string") return node;
  const isValue = VALUE_NODES.has(kind);
  const entries = Object.entries(node as object).map(([key, child]) => [key, withNames(child, nameOf, isValue)]);
  return Object.fromEntries(entries);
}

/**
 * The part of a Kysely database that {@linkcode withFiles} uses.
 *
 * @example
 * ```ts
 * import { type KyselyDatabase, withFiles } from "@storages/s3/kysely";
 * import { assertEquals } from "@std/assert";
 *
 * const statements: string[] = [];
 * const tx = { executeQuery: (query: { sql: string }) => Promise.resolve(void statements.push(query.sql)) };
 * const db: KyselyDatabase<typeof tx> = { transaction: () => ({ execute: (body) => body(tx) }) };
 * await withFiles(db, (files) => files.transaction(() => Promise.resolve()));
 * assertEquals(statements, ["select 1"]);
 * ```
 */
export interface KyselyDatabase<Tx> {
  /** Makes a builder that runs a function in a transaction. */
  transaction(): { execute<T>(body: (tx: Tx) => Promise<T>): Promise<T> };
}

/**
 * `withFiles` of `@storages/s3/field` for a Kysely database: new files are deleted if the transaction is rolled back, and old
 * files once it has committed.
 *
 * After the body it runs `select 1` in the transaction: if the body caught the error of a statement, PostgreSQL would
 * respond to COMMIT with ROLLBACK, which Kysely before 0.28.19 reports as a success.
 *
 * @param db The database; not a transaction of it, which Kysely refuses.
 * @param work Saves files, then calls `files.transaction`, once.
 * @param options Which errors mean a rollback, and how to handle files that could not be deleted. `verify` replaces
 * `select 1`.
 * @returns The result of `work`.
 * @throws {TypeError} If an argument is of the wrong kind, or an option is unknown.
 *
 * @example
 * ```ts
 * import { fileField, type StoredFile } from "@storages/s3/field";
 * import { FilePlugin, withFiles } from "@storages/s3/kysely";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { Kysely, SqliteDialect } from "kysely";
 * import { DatabaseSync, type SQLInputValue } from "node:sqlite";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const avatar = fileField(storage, { uploadTo: "avatars" });
 *
 * const sqlite = new DatabaseSync(":memory:");
 * sqlite.exec("create table users (id integer primary key, avatar varchar(100))");
 * const all = (sql: string, values: readonly unknown[]) => sqlite.prepare(sql).all(...values as SQLInputValue[]);
 * const database = { // node:sqlite as Kysely knows better-sqlite3
 *   close: () => sqlite.close(),
 *   prepare: (sql: string) => ({
 *     reader: sql.startsWith("select"),
 *     all: (values: readonly unknown[]) => all(sql, values),
 *     iterate: (values: readonly unknown[]) => all(sql, values).values(),
 *     run: (values: readonly unknown[]) => ({ changes: all(sql, values).length, lastInsertRowid: 0 }),
 *   }),
 * };
 * const db = new Kysely<{ users: { id: number; avatar: StoredFile | null } }>({
 *   dialect: new SqliteDialect({ database }),
 *   plugins: [new FilePlugin({ avatar })],
 * });
 * await db.insertInto("users").values({ id: 7, avatar: await avatar.save("old.png", "…") }).execute();
 *
 * await withFiles(db, async (files) => {
 *   const picture = await files.save(avatar, "new.png", "…");
 *   await files.transaction(async (tx) => {
 *     const query = tx.selectFrom("users").select("avatar").where("id", "=", 7); // on PostgreSQL: .forUpdate()
 *     const user = await query.executeTakeFirstOrThrow();
 *     await tx.updateTable("users").set({ avatar: picture }).where("id", "=", 7).execute();
 *     files.deleteAfterCommit(user.avatar);
 *   });
 * });
 * assertEquals(await storage.listdir("avatars"), [[], ["new.png"]]);
 * ```
 */
export async function withFiles<Tx, T>(
  db: KyselyDatabase<Tx>,
  work: (files: FileTransaction<Tx>) => Promise<T>,
  options: WithFilesOptions<Tx> = {},
): Promise<T> {
  if (typeof db?.transaction !== "function") {
    throw new TypeError(`Cannot use withFiles: the first argument must be a Kysely database, got ${formatValue(db)}`);
  }
  checkWithFiles(work, options);
  const transaction: Transaction<Tx> = (body) => db.transaction().execute(body);
  return await withFilesIn<Tx, T>(transaction, work, { ...options, verify: options.verify ?? verify });
}

const SELECT_1 = "select 1";

/** Runs a statement, which fails in a transaction that PostgreSQL has aborted. */
function verify(tx: unknown): PromiseLike<unknown> {
  const { executeQuery } = tx as { readonly executeQuery?: (query: object) => PromiseLike<unknown> };
  if (typeof executeQuery !== "function") {
    throw new TypeError("Cannot verify the transaction: it has no executeQuery(). Pass a verify option to withFiles");
  }
  // As Kysely's CompiledQuery.raw makes it. Plugins store data about a query by its id.
  return executeQuery.call(tx, {
    sql: SELECT_1,
    parameters: [],
    query: { kind: "RawNode", sqlFragments: [SELECT_1], parameters: [] },
    queryId: { queryId: crypto.randomUUID() },
  });
}
