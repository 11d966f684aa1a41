// deno-lint-ignore-file no-import-prefix -- only tests need them
/** Libraries for PostgreSQL without an adapter of ours, for the function form of `withFiles`. */
import type pgTypes from "npm:@types/pg@^8.23.1";
import type { Transaction } from "../../src/field/mod.ts";

/** The address of the database. */
export interface PostgresPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** A connected library. */
export interface SqlLibrary {
  readonly transaction: Transaction<unknown>;
  /** Runs a statement with parameters such as `$1` in a transaction, as in the documentation of the library. */
  query(tx: unknown, sql: string, parameters?: readonly unknown[]): PromiseLike<unknown>;
  close(): Promise<unknown>;
}

// deno-lint-ignore no-explicit-any -- the type of a transaction differs in each library
type Any = any;

/** Connects a library; its pool has one connection. */
export type OpenLibrary = (place: PostgresPlace) => SqlLibrary | Promise<SqlLibrary>;

/** Loads each library; rejects if it is not available. */
const LOADERS: Readonly<Record<string, () => Promise<OpenLibrary>>> = {
  "pg": async () => {
    const { default: pg } = await import("npm:pg@^8.23.1") as unknown as { default: typeof pgTypes };
    return (place) => {
      const pool = new pg.Pool({ ...place, max: 1 });
      pool.on("error", () => {}); // a cut idle connection
      return overPool(pool);
    };
  },
  "postgres.js": async () => {
    const { default: postgres } = await import("npm:postgres@^3.4.9");
    return (place) => {
      const sql: Any = postgres({ ...place, max: 1, onnotice: () => {}, backoff: 0, max_lifetime: 0 } as object);
      return {
        transaction: (body) => sql.begin(body),
        query: (tx: Any, sql, parameters) => tx.unsafe(sql, parameters),
        close: () => sql.end({ timeout: 0 }), // without it, end() hangs after a connection was cut
      };
    };
  },
  "Prisma": async () => {
    const { connectPrisma } = await import("./recipes/prisma_client.ts");
    return (place) => {
      const prisma = connectPrisma(place);
      return {
        transaction: (body) => prisma.$transaction(body),
        query: (tx: Any, sql, parameters = []) => tx.$executeRawUnsafe(sql, ...parameters),
        close: () => prisma.$disconnect(),
      };
    };
  },
  "TypeORM": async () => {
    const [{ DataSource }, { default: driver }] = await Promise.all([
      import("npm:typeorm@^1.1.1"),
      import("npm:pg@^8.23.1"),
    ]);
    return async ({ host, port, user: username, database }) => {
      const source = new DataSource({
        type: "postgres",
        host,
        port,
        username,
        database,
        driver,
        poolSize: 1,
        poolErrorHandler: () => {},
      });
      await source.initialize();
      return {
        transaction: (body) => source.transaction(body),
        query: (tx: Any, sql, parameters) => tx.query(sql, parameters),
        close: () => source.destroy(),
      };
    };
  },
  "Sequelize": async () => {
    const [{ Sequelize }, { default: dialectModule }] = await Promise.all([
      import("npm:sequelize@^6.37.8"),
      import("npm:pg@^8.23.1"),
    ]);
    return ({ host, port, user, database }) => {
      const options = { dialect: "postgres" as const, dialectModule, host, port, pool: { max: 1 }, logging: false };
      const sequelize = new Sequelize(database, user, "", options);
      return {
        transaction: (body) => sequelize.transaction(body),
        query: (transaction: Any, sql, bind) => sequelize.query(sql, { transaction, ...(bind && { bind: [...bind] }) }),
        close: () => sequelize.close(),
      };
    };
  },
  "MikroORM": async () => {
    const [{ MikroORM }, { User }] = await Promise.all([
      import("npm:@mikro-orm/postgresql@^7.2.5"),
      import("./recipes/mikro_orm.ts"),
    ]);
    return async ({ host, port, user, database: dbName }) => {
      const pool = { min: 0, max: 1 };
      const orm = await MikroORM.init({ host, port, user, dbName, pool, entities: [User] });
      let isLost = false; // MikroORM never releases a lost connection to its pool, so close() would wait for ever
      return {
        transaction: (body) =>
          orm.em.fork().transactional(body).catch((error) => {
            isLost ||= /^Connection terminated/.test(error.message);
            throw error;
          }),
        // It writes placeholders as question marks.
        query: (tx: Any, sql, parameters = []) => tx.execute(sql.replace(/\$\d/g, "?"), [...parameters]),
        close: () => isLost ? Promise.resolve() : orm.close(),
      };
    };
  },
};

/** Runs a transaction, for which node-postgres has no function. */
function overPool(pool: pgTypes.Pool): SqlLibrary {
  return {
    transaction: async (body) => {
      const client = await pool.connect();
      let lost: Error | undefined;
      const onError = (error: Error): void => void (lost = error);
      client.on("error", onError);
      try {
        await client.query("begin");
        const result = await body(client);
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch((failed: Error) => lost ??= failed);
        throw error;
      } finally {
        client.off("error", onError);
        client.release(lost);
      }
    },
    query: (tx: Any, sql, parameters) => tx.query(sql, parameters),
    close: () => pool.end(),
  };
}

/** The libraries with their connect functions; `undefined` for libraries that are not available. */
export async function loadLibraries(): Promise<[name: string, open: OpenLibrary | undefined][]> {
  const loading = Object.entries(LOADERS).map(async ([name, load]): Promise<[string, OpenLibrary | undefined]> => {
    return [name, await load().catch(() => undefined)];
  });
  return await Promise.all(loading);
}
