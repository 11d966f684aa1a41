// deno-lint-ignore-file no-import-prefix -- only tests need the libraries
/** `withFiles` with ORMs without an adapter of ours, on SQLite. */
import { NodeSqliteDialect, SqliteDriver } from "npm:@mikro-orm/sql@^7.2.5";
import { MikroORM } from "npm:@mikro-orm/core@^7.2.5";
import { Sequelize } from "npm:sequelize@^6.37.8";
import initSqlJs from "npm:sql.js@^1.17.0";
import { DataSource } from "npm:typeorm@^1.1.1";
import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { fileField, type Transaction, withFiles } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/memory/memory_storage.ts";
import { User } from "./recipes/mikro_orm.ts";
import { CREATE_TABLE } from "./user_tables.ts";

// deno-lint-ignore no-explicit-any -- the type of a transaction differs in each library
type Any = any;

/** A connected library with a new database. */
interface Library {
  readonly transaction: Transaction<Any>;
  query(tx: Any, sql: string): PromiseLike<unknown>;
  /** Runs a query without a transaction, and returns its rows. */
  rows(sql: string): PromiseLike<unknown>;
  close(): PromiseLike<unknown>;
}

const OPEN: Readonly<Record<string, () => Promise<Library>>> = {
  TypeORM: async () => {
    const source = new DataSource({ type: "sqljs", driver: await initSqlJs() });
    await source.initialize();
    return {
      transaction: (body) => source.transaction(body),
      query: (manager, sql) => manager.query(sql),
      rows: (sql) => source.query(sql),
      close: () => source.destroy(),
    };
  },
  Sequelize: async () => {
    // In memory, all its transactions share a connection.
    const storage = await Deno.makeTempFile({ prefix: "storages-test-", suffix: ".sqlite" });
    const options = { dialect: "sqlite" as const, dialectModule: sqlite3(), logging: false };
    const sequelize = new Sequelize({ storage, ...options });
    return {
      transaction: (body) => sequelize.transaction(body),
      query: (transaction, sql) => sequelize.query(sql, { transaction }),
      rows: async (sql) => (await sequelize.query(sql))[0],
      close: async () => {
        await sequelize.close();
        await Deno.remove(storage);
      },
    };
  },
  MikroORM: async () => {
    const driverOptions = new NodeSqliteDialect(":memory:");
    const orm = await MikroORM.init({ driver: SqliteDriver, dbName: ":memory:", driverOptions, entities: [User] });
    return {
      transaction: (body) => orm.em.fork().transactional(body),
      query: (em, sql) => em.execute(sql),
      rows: (sql) => orm.em.fork().execute(sql),
      close: () => orm.close(),
    };
  },
};

/** node:sqlite with the API of the package sqlite3, which Sequelize uses. */
function sqlite3(): object {
  class Database {
    readonly filename: string;
    readonly #database: DatabaseSync;

    constructor(path: string, _mode: number, opened: (error: null) => void) {
      this.filename = path;
      this.#database = new DatabaseSync(path, { timeout: 1000 });
      setTimeout(() => opened(null), 0);
    }

    serialize(work: () => void): void {
      work();
    }

    run(sql: string, ...args: unknown[]): void {
      this.all(sql, ...args);
    }

    all(sql: string, ...args: unknown[]): void {
      const done = args.at(-1) as undefined | ((this: object, error: unknown, rows?: unknown) => void);
      const parameters = (Array.isArray(args[0]) ? args[0] : []) as SQLInputValue[];
      try {
        const rows = this.#database.prepare(sql).all(...parameters);
        done?.call({ lastID: 0, changes: 0, sql }, null, rows);
      } catch (error) {
        done?.call({}, Object.assign(error as Error, { code: "SQLITE_CONSTRAINT" })); // the only error of the test
      }
    }

    close(done?: (error: null) => void): void {
      this.#database.close();
      done?.(null);
    }
  }
  return { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4, verbose: () => ({ Database }) };
}

for (const [name, open] of Object.entries(OPEN)) {
  Deno.test(`${name} on SQLite: withFiles replaces a file, or keeps the old one`, async () => {
    const { transaction, query, rows, close } = await open();
    const storage = new MemoryStorage();
    const avatar = fileField(storage, { uploadTo: "avatars" });
    await storage.save("avatars/old.png", "old");
    const replace = (then: (tx: Any) => PromiseLike<unknown>): Promise<void> =>
      withFiles(transaction, async (files) => {
        const file = await files.save(avatar, "new.png", "new");
        await files.transaction(async (tx) => {
          await query(tx, `update users set avatar = '${file}' where id = 7`);
          files.deleteAfterCommit(avatar, "avatars/old.png");
          await then(tx);
        });
      }, { verify: (tx) => query(tx, "select 1") });
    const assertKept = async (file: string): Promise<void> => {
      assertEquals(JSON.stringify(await rows("select avatar from users")), `[{"avatar":"avatars/${file}"}]`);
      assertEquals(await storage.listdir("avatars"), [[], [file]]);
    };
    try {
      await rows("pragma foreign_keys = on");
      for (const statement of CREATE_TABLE.split("; ")) await rows(statement);
      await rows("insert into users values (7, 'avatars/old.png')");
      await assertRejects(() => replace(() => Promise.reject(new Error("changed my mind"))), Error, "changed my mind");
      await assertKept("old.png");
      await assertRejects(() => replace((tx) => query(tx, "insert into users values (7, null)")));
      await assertKept("old.png");
      // A deferred constraint fails at COMMIT. Sequelize then never ends the transaction, which locks the database.
      if (name !== "Sequelize") {
        await assertRejects(() => replace((tx) => query(tx, "insert into members (user_id) values (99)")));
        await assertKept("old.png");
      }
      // SQLite aborts the statement only, so the transaction commits.
      await replace(async (tx) =>
        await Promise.resolve(query(tx, "insert into users values (7, null)")).catch(() => {})
      );
      await assertKept("new.png");
    } finally {
      await close();
    }
  });
}
